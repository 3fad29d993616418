package dev.lifeboat.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.sandbox.LeashedProcess.Invocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What happens when the JVM itself is killed needs a second JVM: `LeashTest` in the lab.
class LeashedProcessTest {
  private static final Duration AT_ONCE = Duration.ofSeconds(5);

  @TempDir Path folder;

  @Test
  void the_pid_is_the_programs_own_and_so_is_the_exit_code() throws IOException {
    var program = start("echo $$; exit 7");

    assertTrue(program.awaitEnd(AT_ONCE));

    assertEquals(7, program.exitCode());
    assertEquals(Long.toString(program.pid()), Files.readString(log()).strip());
  }

  @Test
  void stopping_is_polite_first_and_then_not() {
    var polite = start("trap 'exit 3' TERM; echo up; while :; do sleep 0.05; done");
    var deaf = start("trap '' TERM; echo up; while :; do sleep 0.05; done");
    await(() -> linesOfLog() == 2);

    polite.stop(AT_ONCE);
    deaf.stop(Duration.ofMillis(200));

    assertEquals(3, polite.exitCode());
    assertEquals(128 + 9, deaf.exitCode());
    assertFalse(deaf.alive());
  }

  @Test
  void nothing_of_our_environment_is_inherited() throws IOException {
    var program = start("env");

    assertTrue(program.awaitEnd(AT_ONCE));

    assertFalse(Files.readString(log()).contains("HOME="));
  }

  @Test
  void the_watcher_ends_with_the_program() {
    var program = start("echo up; exec sleep 60");
    await(() -> linesOfLog() == 1);
    var children = ProcessHandle.of(program.pid()).orElseThrow().children().toList();
    assertFalse(children.isEmpty());

    program.kill();

    await(() -> children.stream().noneMatch(ProcessHandle::isAlive));
  }

  @Test
  void standard_error_goes_where_it_is_told_to() throws IOException {
    var errors = folder.resolve("errors");
    var program =
        LeashedProcess.start(
            new Invocation(
                List.of("/bin/sh", "-c", "echo out; echo err >&2"),
                folder,
                Map.of(),
                log(),
                errors));

    assertTrue(program.awaitEnd(AT_ONCE));

    assertEquals("out\n", Files.readString(log()));
    assertEquals("err\n", Files.readString(errors));
  }

  @Test
  void closing_one_that_has_ended_does_nothing() {
    var program = start("exit 0");
    assertTrue(program.awaitEnd(AT_ONCE));

    program.close();

    assertEquals(0, program.exitCode());
  }

  @Test
  void an_interrupt_while_it_is_killed_is_kept_for_later() {
    var program = start("exec sleep 60");

    Thread.currentThread().interrupt();
    program.kill();

    assertTrue(Thread.interrupted());
    assertFalse(program.alive());
  }

  @Test
  void a_folder_that_is_not_there_is_a_sandbox_exception() {
    var missing = folder.resolve("missing");
    var invocation =
        new Invocation(List.of("/bin/true"), missing, Map.of(), folder.resolve("log"), log());

    var failure = assertThrows(SandboxException.class, () -> LeashedProcess.start(invocation));

    assertEquals(SandboxException.Reason.SETUP, failure.reason());
  }

  private LeashedProcess start(String script) {
    return LeashedProcess.start(
        new Invocation(
            List.of("/bin/sh", "-c", script),
            folder,
            Map.of("PATH", "/usr/bin:/bin"),
            log(),
            log()));
  }

  private long linesOfLog() {
    try (var lines = Files.lines(log())) {
      return lines.count();
    } catch (IOException e) {
      return 0;
    }
  }

  private Path log() {
    return folder.resolve("log");
  }

  private static void await(BooleanSupplier holds) {
    long start = System.nanoTime();
    while (!holds.getAsBoolean()) {
      assertTrue(System.nanoTime() - start < AT_ONCE.toNanos(), "waited in vain");
      LockSupport.parkNanos(10_000_000);
    }
  }
}
