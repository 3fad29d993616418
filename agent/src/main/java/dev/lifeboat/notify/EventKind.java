package dev.lifeboat.notify;

import java.util.Locale;

/// What others can be told of. The label is the same in the configuration and in the JSON.
public enum EventKind {
  BACKUP_SUCCEEDED,
  BACKUP_FAILED,
  /// The first backup that succeeded after failed ones; it comes beside `backup-succeeded`.
  BACKUP_RECOVERED,
  VERIFICATION_GOOD,
  VERIFICATION_WRONG,
  /// Sent by `lifeboat notify test` alone.
  TEST;

  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
