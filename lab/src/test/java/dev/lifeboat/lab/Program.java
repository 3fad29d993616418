package dev.lifeboat.lab;

import dev.lifeboat.backup.Milestones;
import dev.lifeboat.cli.Launch;
import dev.lifeboat.cli.Surroundings;
import dev.lifeboat.daemon.Signals;
import dev.lifeboat.sandbox.LeashedProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The program `lifeboat`, in this JVM or as a process of its own with the options it ships with.
final class Program {
  private static final Duration RUN = Duration.ofSeconds(60);

  private Program() {}

  /// In this JVM: what a process would add costs a second.
  static Run here(Milestones milestones, String... arguments) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    try (var outPrinter = new PrintStream(out, true, StandardCharsets.UTF_8);
        var errPrinter = new PrintStream(err, true, StandardCharsets.UTF_8)) {
      var exit =
          Launch.run(
              arguments,
              new Surroundings(
                  Map.of(),
                  outPrinter,
                  errPrinter,
                  false,
                  Signals.NONE,
                  InstantSource.system(),
                  milestones));
      return new Run(
          exit.code(), out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
  }

  /// In a process, to its end.
  static Run process(Path folder, String... arguments) {
    return process(folder, Map.of(), arguments);
  }

  /// The same with further variables of the environment.
  static Run process(Path folder, Map<String, String> environment, String... arguments) {
    try {
      var out = Files.createTempFile(folder, "stdout-", ".txt");
      var err = Files.createTempFile(folder, "stderr-", ".txt");
      var builder =
          new ProcessBuilder(command("dev.lifeboat.cli.Main", List.of(), List.of(arguments)))
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().putAll(environment);
      var process = builder.start();
      try {
        if (!process.waitFor(RUN)) {
          throw new LabException("still running after " + RUN + ": " + Files.readString(err));
        }
      } finally {
        process.destroyForcibly();
      }
      return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }

  /// A process that goes on, such as an agent; what it prints is appended to `log`.
  static LeashedProcess start(Path log, String... arguments) {
    return start(log, "dev.lifeboat.cli.Main", List.of(), arguments);
  }

  /// The same of another main class, with further options for the JVM.
  static LeashedProcess start(
      Path log, String mainClass, List<String> options, String... arguments) {
    return LeashedProcess.start(
        new LeashedProcess.Invocation(
            command(mainClass, options, List.of(arguments)),
            Checkout.root(),
            Map.of("PATH", "/usr/bin:/bin"),
            log,
            log));
  }

  private static List<String> command(
      String mainClass, List<String> options, List<String> arguments) {
    var shipped = Checkout.root().resolve("agent/src/main/launcher/java-options");
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + shipped);
    command.addAll(options);
    command.add("-cp");
    // Surefire's own class path is one jar that names the real one.
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(mainClass);
    command.addAll(arguments);
    return command;
  }
}
