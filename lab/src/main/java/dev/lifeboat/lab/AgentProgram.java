package dev.lifeboat.lab;

import dev.lifeboat.sandbox.LeashedProcess;
import dev.lifeboat.sandbox.LeashedProcess.Invocation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The packaged program in `agent/target/lifeboat`, run as its users run it: a process of its own,
/// nothing in its environment but what it needs.
public final class AgentProgram {
  private static final Duration COMMAND_BOUND = Duration.ofMinutes(2);

  private AgentProgram() {}

  /// What `lifeboat ARGUMENTS` means on this machine.
  public static List<String> command(List<String> arguments) {
    return java("dev.lifeboat.cli.Main", "", arguments);
  }

  /// Another program of the lab's, run as this one is.
  public static List<String> java(Class<?> main, List<String> arguments) {
    return java(main.getName(), ":" + System.getProperty("java.class.path"), arguments);
  }

  private static List<String> java(String main, String classPath, List<String> arguments) {
    var packaged = Checkout.root().resolve("agent/target/lifeboat");
    var options = packaged.resolve("java-options");
    if (!Files.isRegularFile(options)) {
      throw new LabException(
          "the program is not built: no " + options + "\nhint: ./lifeboat --version builds it");
    }
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + options,
                "-Djava.library.path=" + packaged.resolve("native"),
                "-cp",
                packaged.resolve("lib") + "/*" + classPath,
                main));
    command.addAll(arguments);
    return command;
  }

  /// Starts it on a leash; what it prints is appended to `log`.
  public static LeashedProcess start(Path folder, Path log, List<String> arguments) {
    return start(folder, log, List.of(), command(arguments));
  }

  /// Starts a command of [#java] on a leash.
  public static LeashedProcess startCommand(Path folder, Path log, List<String> command) {
    return start(folder, log, List.of(), command);
  }

  /// A command by another program, which becomes it.
  static LeashedProcess start(Path folder, Path log, List<String> by, List<String> command) {
    var line = new ArrayList<>(by);
    line.addAll(command);
    return LeashedProcess.start(new Invocation(line, folder, environment(folder), log, log));
  }

  /// Runs a command of it to its end.
  ///
  /// @param folder its working directory, and where what it prints is kept for a moment
  public static Result run(Path folder, String... arguments) {
    @Nullable Path output = null;
    @Nullable Path errors = null;
    try {
      output = Files.createTempFile(folder, "run-", ".out");
      errors = Files.createTempFile(folder, "run-", ".err");
      var invocation =
          new Invocation(command(List.of(arguments)), folder, environment(folder), output, errors);
      var process = LeashedProcess.start(invocation);
      if (!process.awaitEnd(COMMAND_BOUND)) {
        process.kill();
        throw new LabException(
            "lifeboat "
                + arguments[0]
                + " has not ended after "
                + COMMAND_BOUND.toSeconds()
                + " s");
      }
      return new Result(
          List.of(arguments),
          process.exitCode(),
          Files.readString(output),
          Files.readString(errors));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      delete(output);
      delete(errors);
    }
  }

  private static void delete(@Nullable Path file) {
    if (file != null) {
      Folders.delete(file);
    }
  }

  private static Map<String, String> environment(Path folder) {
    return Map.of(
        "PATH", "/usr/local/bin:/usr/bin:/bin", "HOME", folder.toString(), "LANG", "C.UTF-8");
  }

  /// @param output standard output
  /// @param errors standard error
  public record Result(List<String> arguments, int exit, String output, String errors) {
    /// Itself, or a [LabException] with what the program said.
    public Result require() {
      if (exit != 0) {
        throw new LabException(
            "lifeboat %s ended with %d: %s%s"
                .formatted(String.join(" ", arguments), exit, errors, output));
      }
      return this;
    }
  }
}
