package dev.lifeboat.lab.alerts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.stream.Collectors;

/// What HAProxy 2.6.12 with `docs/haproxy/haproxy.cfg` answered to `GET /metrics` before three
/// nodes of OpenBao: the first sample of each metric. `HaproxyTest` compares it with the real one.
public final class RecordedHaproxy {
  private RecordedHaproxy() {}

  /// The names, without labels.
  public static Set<String> metrics() {
    try (var recorded = RecordedHaproxy.class.getResourceAsStream("haproxy-2.6.12.txt")) {
      if (recorded == null) {
        throw new IllegalStateException("haproxy-2.6.12.txt is not there");
      }
      return new String(recorded.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split("[{ ]", 2)[0])
          .collect(Collectors.toSet());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
