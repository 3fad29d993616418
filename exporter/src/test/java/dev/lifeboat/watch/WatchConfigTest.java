package dev.lifeboat.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lifeboat.config.ConfigException;
import dev.lifeboat.config.ConfigFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchConfigTest {
  @TempDir Path folder;

  @Test
  void both_intervals_are_read() throws IOException {
    assertEquals(
        new WatchConfig(Duration.ofSeconds(1), Duration.ofMinutes(1)),
        read("watch { interval = 1s, cluster-interval = 1m }"));
  }

  @Test
  void a_poll_that_is_audited_is_not_more_frequent_than_one_that_is_not() {
    var refused =
        assertThrows(
            ConfigException.class, () -> read("watch { interval = 5s, cluster-interval = 1s }"));

    assertEquals("watch.cluster-interval", refused.problems().getFirst().key());
    assertEquals("is shorter than watch.interval", refused.problems().getFirst().message());
  }

  @Test
  void a_reading_knows_when_it_was_asked() {
    Reading<String> failed = NodeStates.failed(dev.lifeboat.vault.VaultException.Reason.TIMEOUT);

    assertEquals(Optional.of(NodeStates.NOW), failed.asked());
    assertEquals(
        Optional.of(NodeStates.NOW),
        new Reading.Known<>("x", NodeStates.NOW, Duration.ZERO).asked());
    assertEquals(Optional.empty(), new Reading.NotAsked<String>().asked());
    assertEquals(Optional.empty(), failed.known());
  }

  private WatchConfig read(String text) throws IOException {
    return ConfigFile.read(
        Files.writeString(folder.resolve("w.conf"), text),
        "watch { interval = 5s, cluster-interval = 30s }",
        Map.of(),
        root -> WatchConfig.from(root.section("watch")));
  }
}
