package dev.lifeboat.notify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.notify.Delivery.Trouble;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Real programs, each misbehaving in its own way.
class CommandRunTest {
  private static final byte[] EVENT = "{\"event\":\"test\"}\n".getBytes(UTF_8);
  private static final Map<String, String> OURS =
      Map.of("PATH", "/usr/bin:/bin", "VAULT_TOKEN", "s.secret");

  @TempDir Path folder;

  @Test
  void the_event_is_the_whole_standard_input() throws Exception {
    Path got = folder.resolve("got");

    Delivery delivery = tell(script("cat >" + got + "; echo thank you"), 10);

    assertEquals(Optional.empty(), delivery.trouble(), delivery.words());
    assertEquals("thank you", delivery.words());
    assertEquals(new String(EVENT, UTF_8), Files.readString(got));
  }

  @Test
  void nothing_of_our_environment_is_inherited_but_the_path() throws Exception {
    Delivery delivery = tell(List.of("/usr/bin/env"), 10);

    assertEquals(
        List.of("LIFEBOAT_EVENT=test", "PATH=/usr/bin:/bin"),
        List.of(delivery.words().split(" ")).stream().sorted().toList());
  }

  @Test
  void a_program_that_hangs_is_killed_with_its_child() throws Exception {
    Path child = folder.resolve("child");

    Delivery delivery = tell(script("sleep 600 & echo $! >" + child + "; wait"), 1);

    assertEquals(Optional.of(Trouble.TIMEOUT), delivery.trouble());
    assertTrue(delivery.took().compareTo(Duration.ofSeconds(20)) < 0, delivery.took()::toString);
    long pid = Long.parseLong(Files.readString(child).strip());
    var gone = ProcessHandle.of(pid).map(ProcessHandle::onExit);
    if (gone.isPresent()) {
      var _ = gone.get().get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void a_program_that_floods_its_output_is_read_to_the_end_and_its_first_words_are_kept()
      throws Exception {
    Delivery delivery = tell(script("yes lifeboat | head -c 20000000"), 60);

    assertEquals(Optional.empty(), delivery.trouble(), delivery.words());
    assertTrue(delivery.words().startsWith("lifeboat lifeboat"), delivery.words());
    assertTrue(delivery.words().length() <= 501, () -> "" + delivery.words().length());
  }

  @Test
  void a_program_that_reads_nothing_is_told_all_the_same() throws Exception {
    assertTrue(tell(List.of("/bin/true"), 10).good());
  }

  @Test
  void an_exit_code_is_a_failure_with_the_words_of_the_program() throws Exception {
    Delivery delivery = tell(script("echo no route >&2; exit 3"), 10);

    assertEquals(Optional.of(Trouble.EXIT), delivery.trouble());
    assertEquals("exit code 3: no route", delivery.words());
  }

  @Test
  void a_program_that_is_missing_or_may_not_run_is_a_failure_of_the_setup() throws Exception {
    Path plain = Files.writeString(folder.resolve("plain"), "#!/bin/sh\n");

    assertEquals(Optional.of(Trouble.SETUP), tell(List.of("/nonexistent/notify"), 10).trouble());
    assertEquals(Optional.of(Trouble.SETUP), tell(List.of(plain.toString()), 10).trouble());
  }

  private static Delivery tell(List<String> line, int seconds) {
    return new CommandRun(line, OURS, Duration.ofSeconds(seconds)).tell(EventKind.TEST, EVENT);
  }

  private List<String> script(String text) throws Exception {
    Path file = Files.writeString(folder.resolve("hook"), "#!/bin/sh\n" + text + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    return List.of(file.toString());
  }
}
