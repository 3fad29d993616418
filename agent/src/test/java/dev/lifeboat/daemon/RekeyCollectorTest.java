package dev.lifeboat.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lifeboat.journal.Entry.Event;
import dev.lifeboat.journal.Journal;
import dev.lifeboat.rekey.RekeyConfig;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RekeyCollectorTest {
  private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");

  @TempDir Path folder;

  private double last(Optional<Instant> since) {
    RekeyConfig config =
        new RekeyConfig(
            Optional.empty(), folder, Optional.empty(), Optional.of(Duration.ofDays(90)), since);
    return new RekeyCollector(config)
        .collect().stream()
            .filter(each -> each.getMetadata().getName().startsWith("vault_rekey_last"))
            .map(each -> (GaugeSnapshot) each)
            .mapToDouble(gauge -> gauge.getDataPoints().getFirst().getValue())
            .findFirst()
            .orElseThrow();
  }

  private void journal(String run, String kind, Event end) {
    try (Journal journal =
        Journal.begin(folder, run, Map.of("kind", kind), InstantSource.fixed(NOW), _ -> {})) {
      journal.write(end, "", Map.of());
    }
  }

  @Test
  void only_a_rekey_that_came_to_its_end_counts() {
    journal("rekey-1", "rekey", Event.FAILED);
    journal("rekey-2", "rekey", Event.ABANDONED);
    journal("rekey-3-proof", "proof", Event.ENDED);
    assertEquals(0, last(Optional.empty()));
    Instant since = Instant.parse("2026-01-01T00:00:00Z");
    assertEquals((double) since.getEpochSecond(), last(Optional.of(since)));

    journal("rekey-4", "rekey", Event.ENDED);

    assertEquals((double) NOW.getEpochSecond(), last(Optional.of(since)));
  }
}
