package dev.lifeboat.backup;

import dev.lifeboat.schedule.Slot;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// How one run ended. One switch each derives the log line, the metrics and the exit code from it.
public sealed interface BackupOutcome {
  /// Verified, encrypted, manifest written, durable in every store but those left out.
  ///
  /// @param leftOut by the name of a store that is not required: why it does not have the backup;
  ///   by `kms.NAME` of a key of KMS that is not required: why it cannot open the backup yet
  record Stored(Manifest manifest, Duration took, Map<String, String> leftOut)
      implements BackupOutcome {
    public Stored {
      leftOut = Collections.unmodifiableMap(new TreeMap<>(leftOut));
    }
  }

  /// The slot has its backup, by another agent; what this run had created is gone again. Nothing is
  /// wrong.
  ///
  /// @param by the id of the backup that has the slot
  record SlotTaken(Slot slot, String by, Duration took) implements BackupOutcome {}

  /// Another node is at the slot, or is to try it now. Nothing was stored, nothing is wrong.
  ///
  /// @param node whose it is
  /// @param again when to ask again
  record SlotHeld(Slot slot, String node, Duration again, Duration took) implements BackupOutcome {}

  /// Nothing exists under its id.
  ///
  /// @param message one sentence; @param hint the next action, may be empty
  record Failed(FailureReason reason, String message, String hint, Duration took)
      implements BackupOutcome {}
}
