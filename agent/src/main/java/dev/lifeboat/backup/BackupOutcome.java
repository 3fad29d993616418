package dev.lifeboat.backup;

import java.time.Duration;

/// How one run ended. One switch each derives the log line, the metrics and the exit code from it.
public sealed interface BackupOutcome {
  /// Verified, encrypted, durable in every store, manifest written.
  record Stored(Manifest manifest, Duration took) implements BackupOutcome {}

  /// Nothing exists under its id.
  ///
  /// @param message one sentence; @param hint the next action, may be empty
  record Failed(FailureReason reason, String message, String hint, Duration took)
      implements BackupOutcome {}
}
