package dev.lifeboat.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
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
  void a_command_that_is_near_to_none_is_answered_with_all_of_them() {
    Typed doctor = Typed.run("doctor");

    assertEquals(Exit.USAGE, doctor.exit());
    assertTrue(
        doctor
            .err()
            .startsWith(
                "lifeboat: unknown argument: doctor\nhint: the commands are agent, check, "),
        doctor.err());
    assertTrue(
        doctor.err().endsWith("; lifeboat check --live looks for what is wrong\n"), doctor.err());
    assertEquals(
        "lifeboat: unknown argument: --whatever\nhint: lifeboat list --help lists what it takes\n",
        Typed.run("list", "--whatever").err());
    assertTrue(Typed.run("keys", "make").err().contains("\nhint: the commands are "));
  }

  @Test
  void a_command_that_starts_nothing_does_not_speak_of_starting(@TempDir Path folder) {
    String config = folder.resolve("lifeboat.conf").toString();

    assertTrue(Typed.run("status", "-c", config).err().endsWith("1 problem; nothing was done\n"));
    assertTrue(Typed.run("agent", "-c", config).err().endsWith("1 problem; nothing was started\n"));
  }

  @Test
  void the_agent_names_every_key_file_that_is_missing_and_how_to_make_it(@TempDir Path folder)
      throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("lifeboat.conf"),
            """
            vault.address = "http://127.0.0.1:1"
            backup {
              node = n1
              spool = "DIR/spool"
              recipients-file = "DIR/recipients"
              signing-key-file = "DIR/signing-key"
              trusted-signers-file = "DIR/trusted-signers"
            }
            stores.local { type = local, path = "DIR/store" }
            """
                .replace("DIR", folder.toString()));

    Typed agent = Typed.run("agent", "-c", config.toString());

    assertEquals(Exit.CONFIGURATION, agent.exit());
    assertEquals(Typed.run("check", "-c", config.toString()).err(), agent.err());
    assertTrue(agent.err().contains("hint: lifeboat keys generate --recipient NAME"), agent.err());
    assertTrue(agent.err().endsWith("\n3 problems; nothing was started\n"), agent.err());
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
