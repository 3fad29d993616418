package dev.lifeboat.backup;

/// Told what a run is doing, for a terminal. Must not block or throw.
@FunctionalInterface
public interface Progress {
  Progress NONE = (stage, bytes) -> {};

  /// @param stage `snapshot`, `proving`, `storing`; @param bytes so far in this stage
  void at(String stage, long bytes);
}
