package dev.lifeboat.golden;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A program from a Debian package that a test needs; a missing one fails the test.
public final class Tool {
  private Tool() {}

  /// @param exit the exit code; @param output standard output and standard error
  public record Outcome(int exit, String output) {}

  /// @param debianPackage what to install when the program is not there
  public static Outcome run(
      String debianPackage, Path folder, String input, int timeoutSeconds, List<String> command) {
    try {
      Path in = Files.writeString(Files.createTempFile(folder, "tool", ".in"), input);
      Path out = Files.createTempFile(folder, "tool", ".out");
      Process process =
          new ProcessBuilder(command)
              .redirectInput(in.toFile())
              .redirectOutput(out.toFile())
              .redirectErrorStream(true)
              .start();
      if (!process.waitFor(timeoutSeconds, TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        return fail(command.getFirst() + " did not end in " + timeoutSeconds + " s");
      }
      return new Outcome(process.exitValue(), Files.readString(out, StandardCharsets.UTF_8));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return fail("interrupted", e);
    } catch (IOException e) {
      return fail(
          "cannot run %s\nhint: apt-get install %s".formatted(command.getFirst(), debianPackage),
          e);
    }
  }

  /// Lints an exposition in the text format as Prometheus's own people do.
  public static void promtoolCheck(Path folder, String exposition) {
    Outcome outcome =
        run("prometheus", folder, exposition, 30, List.of("promtool", "check", "metrics"));
    if (outcome.exit() != 0 || !outcome.output().isBlank()) {
      fail("promtool check metrics: exit " + outcome.exit() + "\n" + outcome.output());
    }
  }
}
