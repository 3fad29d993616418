package dev.lifeboat.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.machine.Machine.Ran;
import dev.lifeboat.machine.MachineException.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommandTest {
  @Test
  void every_word_is_quoted_for_a_shell() {
    assertEquals(
        "'echo' '' 'a b' '$HOME' '\"' 'it'\\''s'",
        new Command(List.of("echo", "", "a b", "$HOME", "\"", "it's")).line());
  }

  @Test
  void a_command_has_a_program_and_no_nul() {
    assertThrows(IllegalArgumentException.class, () -> new Command(List.of()));
    assertThrows(IllegalArgumentException.class, () -> new Command(List.of("")));
    assertThrows(IllegalArgumentException.class, () -> new Command(List.of("echo", "a\0b")));
  }

  @Test
  void a_message_has_one_line_of_it() {
    String brief = new Command(List.of("sh", "-c", "a\nb " + "x".repeat(200))).brief();

    assertTrue(brief.startsWith("sh -c a b x"), brief);
    assertTrue(brief.endsWith("x…"), brief);
    assertEquals("no word", Command.firstLine("\n \n"));
  }

  @Test
  void whoever_requires_a_good_end_is_told_the_first_line_of_a_bad_one() {
    Ran good = new Ran(0, "yes\n".getBytes(java.nio.charset.StandardCharsets.UTF_8), "");
    Ran bad = new Ran(3, new byte[0], "\n no disk \nat all\n");

    assertEquals("yes", good.require("cannot look").text());
    var failed = assertThrows(MachineException.class, () -> bad.require("cannot look"));
    assertEquals(Reason.FAILED, failed.reason());
    assertEquals("failed", failed.reason().label());
    assertEquals("cannot look: it ended with code 3: no disk", failed.getMessage());
  }
}
