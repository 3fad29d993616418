package dev.lifeboat.canary;

import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.VaultNode;
import java.util.Optional;

/// Writes and reads the canary: one KV version 2 secret (`PATH`, field `value`) and, when a transit
/// key is configured, a ciphertext of the same value kept beside it (field `ciphertext`).
public final class Canary {
  private Canary() {}

  /// Writes a fresh random value on the active node and reads it back.
  ///
  /// @param path the logical path, such as `secret/lifeboat/canary` (mount first)
  /// @param transitKey `MOUNT/KEY`, such as `transit/lifeboat-canary`
  public static Written write(
      VaultNode active, Secret token, String path, Optional<String> transitKey) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// What the manifest records. The value itself is not in it, only its SHA-256.
  ///
  /// @param version of the KV secret
  public record Written(
      String path,
      int version,
      String valueSha256,
      Optional<String> transitKey,
      Optional<String> ciphertext) {}
}
