package dev.lifeboat.restore;

import java.util.Locale;

/// What a check says of a backup.
public enum Answer {
  GOOD,
  BAD,
  /// It cannot be told: the one beside it is asked.
  SKIP;

  /// `good`, as it is written.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
