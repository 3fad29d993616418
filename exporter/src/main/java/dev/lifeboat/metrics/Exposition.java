package dev.lifeboat.metrics;

import dev.lifeboat.collector.Collector;
import java.util.List;

/// All collectors together, in the format that the scraper asks for.
public final class Exposition {
  public Exposition(List<Collector> collectors) {
    throw new UnsupportedOperationException("skeleton");
  }

  public record Page(String contentType, byte[] body) {}

  /// @param accept the `Accept` header; OpenMetrics or text by it
  public Page scrape(String accept) {
    throw new UnsupportedOperationException("skeleton");
  }
}
