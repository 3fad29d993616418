package dev.lifeboat.machine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.machine.Machine.Ran;
import dev.lifeboat.machine.MachineException.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// What every machine does with a command, this one or one far away.
public interface MachineContract {
  byte[] NOTHING = {};
  Duration LONG = Duration.ofSeconds(30);
  Duration SHORT = Duration.ofMillis(500);
  Duration SOON = Duration.ofSeconds(15);

  Machine open();

  private static Ran sh(Machine machine, String script) throws InterruptedException {
    return machine.run(List.of("sh", "-c", script), NOTHING, LONG);
  }

  private static Reason refused(org.junit.jupiter.api.function.Executable work) {
    return assertThrows(MachineException.class, work).reason();
  }

  static void assertSays(String words, Throwable e) {
    String said = String.valueOf(e.getMessage());
    assertTrue(said.contains(words), said);
  }

  @Test
  default void arguments_arrive_as_they_are() throws Exception {
    List<String> odd =
        List.of(
            "a b",
            "",
            "'",
            "\"",
            "it's '' \"so\"",
            "$HOME",
            "`id`",
            "$(id)",
            "a\nb\n",
            "\\",
            "\\n",
            "*",
            "~",
            "!!",
            "#",
            "-n",
            ";",
            "&",
            "|",
            "ü€😀",
            "\t",
            "\u0001\u007f");
    List<String> command = new java.util.ArrayList<>(List.of("printf", "%s\\0"));
    command.addAll(odd);
    try (Machine machine = open()) {
      Ran ran = machine.run(command, NOTHING, LONG).require("cannot print");

      assertEquals(odd, List.of(new String(ran.out(), UTF_8).split("\0")));
    }
  }

  @Test
  default void a_mebibyte_goes_there_and_comes_back() throws Exception {
    byte[] input = new byte[1 << 20];
    new Random(1).nextBytes(input);
    try (Machine machine = open()) {
      assertArrayEquals(input, machine.run(List.of("cat"), input, LONG).out());
    }
  }

  @Test
  default void input_that_nobody_reads_does_no_harm() throws Exception {
    try (Machine machine = open()) {
      assertTrue(machine.run(List.of("true"), new byte[8 << 20], LONG).good());
      assertEquals("still", sh(machine, "echo still").text());
    }
  }

  @Test
  default void a_code_and_both_outputs_are_told_apart() throws Exception {
    try (Machine machine = open()) {
      Ran ran = sh(machine, "echo out; echo err >&2; exit 3");

      assertEquals(3, ran.exit());
      assertFalse(ran.good());
      assertEquals("out", ran.text());
      assertEquals("err\n", ran.err());
    }
  }

  @Test
  default void errors_are_kept_up_to_a_length_and_read_to_the_end() throws Exception {
    try (Machine machine = open()) {
      Ran ran = sh(machine, "head -c 1000000 /dev/zero >&2; echo done");

      assertEquals("done", ran.text());
      assertEquals(64 << 10, ran.err().length());
    }
  }

  @Test
  default void a_program_that_is_not_there_is_no_answer() throws Exception {
    try (Machine machine = open()) {
      var missing =
          assertThrows(
              MachineException.class, () -> machine.run(List.of("lifeboat-none"), NOTHING, LONG));

      assertEquals(Reason.UNUSABLE, missing.reason());
      assertSays("hint: is lifeboat-none installed there", missing);
      assertEquals(
          Reason.UNUSABLE, refused(() -> machine.run(List.of("/etc/passwd"), NOTHING, LONG)));
    }
  }

  @Test
  default void more_output_than_anybody_wants_is_an_error() throws Exception {
    try (Machine machine = open()) {
      assertTimeout(
          SOON,
          () -> assertEquals(Reason.UNUSABLE, refused(() -> sh(machine, "exec cat /dev/zero"))));
      assertEquals("still", sh(machine, "echo still").text());
    }
  }

  @Test
  default void what_does_not_end_is_given_up() throws Exception {
    try (Machine machine = open()) {
      var late =
          assertTimeout(
              SOON,
              () ->
                  assertThrows(
                      MachineException.class,
                      () -> machine.run(List.of("sleep", "300"), new byte[8 << 20], SHORT)));

      assertEquals(Reason.TIMEOUT, late.reason());
      assertEquals("still", sh(machine, "echo still").text());
    }
  }

  @Test
  default void whoever_is_told_to_stop_stops() throws Exception {
    try (Machine machine = open()) {
      var ended = new CompletableFuture<Throwable>();
      Thread waiting =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      ended.complete(new AssertionError(sh(machine, "sleep 300").text()));
                    } catch (Throwable e) {
                      ended.complete(e);
                    }
                  });
      while (waiting.getState() != Thread.State.TIMED_WAITING) {
        Thread.onSpinWait();
      }
      waiting.interrupt();

      assertEquals(
          InterruptedException.class, ended.get(SOON.toSeconds(), TimeUnit.SECONDS).getClass());
    }
  }
}
