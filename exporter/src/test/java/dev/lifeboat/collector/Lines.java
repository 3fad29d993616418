package dev.lifeboat.collector;

import dev.lifeboat.metrics.Exposition;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/// The samples of a collector as a scraper reads them.
public final class Lines {
  private Lines() {}

  public static List<String> of(Collector collector) {
    Exposition page = new Exposition(List.of(collector), () -> Instant.EPOCH);
    return new String(page.scrape("").body(), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.startsWith("#") && !line.startsWith("vault_exporter_collector_"))
        .toList();
  }
}
