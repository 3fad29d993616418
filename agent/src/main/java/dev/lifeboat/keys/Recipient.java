package dev.lifeboat.keys;

/// Whoever a data key can be wrapped for: the owner of a public key, or a service.
public interface Recipient {
  /// Who it is, in a person's words.
  String comment();

  /// Whether this document was made for it.
  boolean has(WrappedKey key);

  /// [KeyException] when it cannot be wrapped now.
  ///
  /// @param clusterId of the cluster that was backed up; bound into the wrapping where it can be
  WrappedKey wrapped(DataKey dataKey, String clusterId, String backupId);

  /// For messages: `0123456789abcdef (escrow)`.
  String words();
}
