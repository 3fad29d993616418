package dev.lifeboat.watch;

import java.util.Locale;

/// What a node is at this moment, by the body of its health answer and never by the HTTP code
/// alone.
public enum Role {
  ACTIVE,
  STANDBY,
  PERF_STANDBY,
  DR_SECONDARY,
  SEALED,
  UNINITIALIZED,
  REMOVED,
  UNREACHABLE;

  /// The label value: `perf_standby`.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
