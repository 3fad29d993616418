package dev.lifeboat.cli;

import dev.lifeboat.backup.Milestones;
import dev.lifeboat.daemon.Signals;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;

/// Everything outside the program that a command touches, so that a test can be it.
///
/// @param in where a question is answered
/// @param terminal whether `err` is one, for progress and questions
/// @param milestones for the lab, which holds a run at a named point
public record Surroundings(
    Map<String, String> environment,
    InputStream in,
    PrintStream out,
    PrintStream err,
    boolean terminal,
    Signals signals,
    InstantSource clock,
    Milestones milestones) {

  /// Nobody answers.
  public Surroundings(
      Map<String, String> environment,
      PrintStream out,
      PrintStream err,
      boolean terminal,
      Signals signals,
      InstantSource clock,
      Milestones milestones) {
    this(
        environment, InputStream.nullInputStream(), out, err, terminal, signals, clock, milestones);
  }

  public static Surroundings ofProcess(Milestones milestones) {
    return ofProcess(InstantSource.system(), milestones);
  }

  /// @param clock of a machine whose time is another one, for the lab
  public static Surroundings ofProcess(InstantSource clock, Milestones milestones) {
    return new Surroundings(
        System.getenv(),
        System.in,
        // UTF-8 whatever the locale says: a unit file has none.
        new PrintStream(System.out, false, StandardCharsets.UTF_8),
        new PrintStream(System.err, true, StandardCharsets.UTF_8),
        isTerminal(2),
        Signals.ofProcess(),
        clock,
        milestones);
  }

  /// Asked of the kernel: `System.console()` loads a line editor to answer.
  ///
  /// @param descriptor 0 for standard input, 1 for output, 2 for errors
  static boolean isTerminal(int descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException e) {
      return false;
    }
  }
}
