package dev.lifeboat.watch;

import dev.lifeboat.config.Section;
import java.time.Duration;

/// The `watch` block.
///
/// @param interval between polls without a token; each is jittered by up to a tenth
/// @param clusterInterval between polls with a token, on the active node only
public record WatchConfig(Duration interval, Duration clusterInterval) {
  public static WatchConfig from(Section watch) {
    throw new UnsupportedOperationException("skeleton");
  }
}
