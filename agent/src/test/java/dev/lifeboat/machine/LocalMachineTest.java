package dev.lifeboat.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalMachineTest implements MachineContract {
  @TempDir Path work;

  @Override
  public Machine open() {
    return new LocalMachine(Map.of("PATH", "/usr/bin:/bin", "VAULT_TOKEN", "secret"));
  }

  @Test
  void nothing_of_our_environment_is_inherited_but_the_path() throws Exception {
    try (Machine machine = open()) {
      var lines = machine.run(List.of("env"), NOTHING, LONG).text().lines().sorted().toList();

      assertEquals(List.of("LANG=C.UTF-8", "PATH=/usr/bin:/bin"), lines);
    }
  }

  @Test
  void a_signal_is_a_code() throws Exception {
    try (Machine machine = open()) {
      assertEquals(137, machine.run(List.of("sh", "-c", "kill -9 $$"), NOTHING, LONG).exit());
    }
  }

  @Test
  void what_is_given_up_dies_with_its_children() throws Exception {
    Path pid = work.resolve("pid");
    String script = "sleep 300 & echo $! > %s; wait".formatted(pid);
    try (Machine machine = open()) {
      assertThrows(
          MachineException.class,
          () -> machine.run(List.of("sh", "-c", script), NOTHING, Duration.ofSeconds(2)));
    }

    long child = Long.parseLong(Files.readString(pid).strip());
    assertTimeout(
        SOON,
        () -> {
          while (ProcessHandle.of(child).map(ProcessHandle::isAlive).orElse(false)) {
            Thread.onSpinWait();
          }
        });
  }

  @Test
  void a_silent_child_that_holds_the_output_is_not_waited_for() throws Exception {
    var command = List.of("sh", "-c", "sleep 20 & echo on");
    try (Machine machine = open()) {
      assertTimeout(SOON, () -> assertEquals("on", machine.run(command, NOTHING, LONG).text()));
    }
  }

  @Test
  void a_word_before_every_command_runs_it() throws Exception {
    try (Machine machine = new PrefixedMachine(open(), List.of("env", "A=a b"))) {
      assertEquals("a b", machine.run(List.of("sh", "-c", "echo $A"), NOTHING, LONG).text());
      assertEquals("this machine", machine.words());
    }
  }
}
