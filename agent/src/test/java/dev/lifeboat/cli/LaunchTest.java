package dev.lifeboat.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LaunchTest {
  private static final List<String> COMMANDS =
      List.of("agent", "check", "status", "backup", "list", "inspect", "verify", "extract", "keys");

  @Test
  void help_lists_every_command_and_every_exit_code() {
    Typed typed = Typed.run("--help");

    assertEquals(Exit.OK, typed.exit());
    for (String command : COMMANDS) {
      assertTrue(typed.out().contains("\n  " + command + " "), command);
    }
    for (Exit exit : Exit.values()) {
      assertTrue(
          typed.out().contains("%3d  %s\n".formatted(exit.code(), exit.meaning())), exit.name());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "agent", "check", "status", "backup", "list", "inspect", "verify", "extract", "keys"
      })
  void every_command_has_help_with_its_exit_codes(String command) {
    Typed typed = Typed.run(command, "--help");

    assertEquals(Exit.OK, typed.exit());
    assertTrue(typed.out().contains("\nEXIT STATUS\n    0  done\n"), typed.out());
    assertTrue(typed.out().lines().allMatch(line -> line.length() <= 100), typed.out());
  }

  @Test
  void the_version_names_program_commit_and_java() {
    String line = Typed.run("--version").out();

    assertTrue(
        line.matches("lifeboat \\S+ \\(revision ([0-9a-f]{12}(-dirty)?|unknown), Java 25.*\\)\n"),
        line);
  }

  @Test
  void no_command_at_all_is_a_wrong_usage_that_shows_the_commands() {
    Typed typed = Typed.run();

    assertEquals(Exit.USAGE, typed.exit());
    assertEquals("", typed.out());
    assertTrue(typed.err().contains("COMMANDS"));
    assertEquals(Exit.USAGE, Typed.run("keys").exit());
  }

  @Test
  void a_mistyped_command_or_option_is_answered_with_the_right_one() {
    assertEquals(
        new Typed(
            Exit.USAGE, "", "lifeboat: unknown argument: verfy\nhint: did you mean 'verify'?\n"),
        Typed.run("verfy"));
    assertEquals(
        new Typed(
            Exit.USAGE, "", "lifeboat: unknown argument: --jsn\nhint: did you mean '--json'?\n"),
        Typed.run("list", "--jsn"));
  }

  @Test
  void a_missing_argument_says_where_the_help_is() {
    Typed typed = Typed.run("verify");

    assertEquals(Exit.USAGE, typed.exit());
    assertTrue(typed.err().startsWith("lifeboat: missing required argument"), typed.err());
    assertTrue(typed.err().endsWith("hint: lifeboat verify --help lists what it takes\n"));
  }

  @Test
  void the_configuration_is_that_of_the_option_then_of_the_environment(@TempDir Path folder) {
    Map<String, String> environment =
        Map.of("LIFEBOAT_CONFIG", folder.resolve("named.conf").toString());

    assertTrue(Typed.run(environment, "check").err().startsWith(folder + "/named.conf: no such"));
    assertTrue(
        Typed.run(environment, "check", "-c", folder + "/other.conf")
            .err()
            .startsWith(folder + "/other.conf: no such"));
    assertTrue(Typed.run("check").err().startsWith("/etc/lifeboat/lifeboat.conf: "));
    assertEquals(Exit.CONFIGURATION, Typed.run(environment, "check").exit());
  }

  @Test
  void nothing_is_printed_twice_and_no_stack_trace_for_a_mistake_of_the_user() {
    String err = Typed.run("list", "-c", "/nonexistent/lifeboat.conf").err();

    assertFalse(err.contains("Exception"), err);
    assertEquals(3, err.lines().count(), err);
  }
}
