package dev.lifeboat.watch;

import dev.lifeboat.config.Section;
import java.time.Duration;

/// The `watch` block.
///
/// @param interval between polls without a token; each is jittered by up to a tenth
/// @param clusterInterval between polls with a token, on the active node only
public record WatchConfig(Duration interval, Duration clusterInterval) {
  public static WatchConfig from(Section watch) {
    Duration interval = watch.duration("interval", Duration.ofMillis(100), Duration.ofMinutes(5));
    Duration cluster =
        watch.duration("cluster-interval", Duration.ofMillis(100), Duration.ofHours(1));
    if (cluster.compareTo(interval) < 0) {
      watch.problem(
          "cluster-interval",
          "is shorter than watch.interval",
          "each such poll is audited; it needs no more than the poll without a token");
    }
    return new WatchConfig(interval, cluster);
  }
}
