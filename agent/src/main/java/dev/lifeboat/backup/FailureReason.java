package dev.lifeboat.backup;

import java.util.Locale;

/// The `reason` label of `vault_backup_failures_total`: a fixed set, each counted from 0.
public enum FailureReason {
  /// Nobody leads, or the leader is not a known peer.
  NO_LEADER,
  UNREACHABLE,
  /// Login refused, token expired or revoked, policy missing.
  DENIED,
  SEALED,
  /// The stream ended early, with or without saying so.
  TRUNCATED,
  /// The stream stood still.
  STALLED,
  /// Members, sums, metadata or trailer are wrong.
  CORRUPT,
  /// The snapshot's index is behind what the leader had applied before it.
  STALE,
  /// The canary could not be written or read back.
  CANARY,
  /// No space left, in the spool or in a store.
  DISK_FULL,
  /// The spool or a store failed otherwise.
  STORE,
  /// Keys could not be read.
  KEYS,
  /// A key management service that is required did not wrap the data key.
  KMS,
  /// A file for the recovery kit could not be read, and the kit is required.
  KIT,
  /// The database of a server on PostgreSQL could not be dumped, or the dump not be restored.
  DATABASE,
  /// What was read back is not what was written.
  READBACK,
  /// The slot was over long before its backup was done.
  LATE,
  /// Another run is in progress.
  BUSY,
  /// The process was told to stop.
  INTERRUPTED,
  /// A bug: logged with its stack trace.
  INTERNAL;

  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
