package dev.lifeboat.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The command that is asked of each backup.
class CheckProgramTest {
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  private CheckProgram program(String... words) {
    return new CheckProgram(
        List.of(words), Map.of("PATH", "/usr/bin:/bin", "VAULT_TOKEN", "mine", "TEAM", "a"), said);
  }

  private String said() {
    return said.toString(StandardCharsets.UTF_8);
  }

  @Test
  void its_code_is_the_answer_and_what_it_prints_is_handed_on() throws Exception {
    int code = program("sh", "-c", "echo out; echo err >&2; exit 42").run(Map.of());

    assertEquals(42, code);
    assertEquals("out\nerr\n", said());
  }

  @Test
  void it_gets_what_it_is_told_and_nothing_that_was_said_of_another_cluster() throws Exception {
    int code =
        program("sh", "-c", "echo $BAO_ADDR, $VAULT_TOKEN, $TEAM").run(Map.of("BAO_ADDR", "here"));

    assertEquals(0, code);
    assertEquals("here, , a\n", said());
  }

  @Test
  void it_reads_nothing() throws Exception {
    assertEquals(1, program("sh", "-c", "read line").run(Map.of()));
  }

  @Test
  void one_that_is_not_there_is_no_bad_backup() {
    RestoreException e =
        assertThrows(RestoreException.class, () -> program("/no/such/check").run(Map.of()));

    assertTrue(String.valueOf(e.getMessage()).contains("the check '/no/such/check' cannot be run"));
  }

  @Test
  void interrupted_it_is_killed() throws Exception {
    Thread thread =
        Thread.ofPlatform()
            .start(
                () ->
                    assertThrows(
                        InterruptedException.class,
                        () -> program("sh", "-c", "echo begun; sleep 77").run(Map.of())));
    while (!said().contains("begun")) {
      Thread.sleep(10);
    }
    thread.interrupt();
    thread.join(5000);

    assertFalse(thread.isAlive());
  }

  @Test
  void other_words_are_another_check() {
    assertNotEquals(program("a", "b").sha256(), program("ab").sha256());
    assertEquals("a b", program("a", "b").text());
  }
}
