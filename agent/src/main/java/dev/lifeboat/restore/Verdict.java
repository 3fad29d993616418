package dev.lifeboat.restore;

import java.util.Locale;

/// What is to be thought of one node.
public enum Verdict {
  /// Nothing is seen against it.
  SOUND,
  /// Its data is, or does not come on any more: it is rebuilt from the others.
  DAMAGED,
  /// Its disk is full or may not be written to: a new copy of the data does not mend that.
  DISK,
  /// Runs without data.
  EMPTY,
  /// Has less than the leader, and comes nearer.
  BEHIND,
  SEALED,
  STOPPED,
  /// Too little is known to say so.
  UNKNOWN;

  /// `sound`, as it is written.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
