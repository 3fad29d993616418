package dev.lifeboat.backup;

/// What the agent beside a standby is to do about a slot that is due.
public enum StandIn {
  /// It has its backup.
  DONE,
  /// Somebody is at it, or the active node has a while left.
  WAIT,
  /// Nobody else does.
  TAKE
}
