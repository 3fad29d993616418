package dev.lifeboat.backup;

import dev.lifeboat.keys.RecipientIdentity;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.store.Store;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What the stores hold, read from them each time and remembered nowhere else.
public final class Catalogue {
  public Catalogue(List<Store> stores, TrustedSigners signers) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Every manifest of every store, newest first; those that cannot be trusted are listed with why.
  public List<Entry> list() {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The backup with this id, or whose id begins so when only one does.
  public Optional<Entry> find(String id) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Reads everything of one backup back from every store it is in. With an identity decrypts and
  /// verifies the archive, without one checks signatures and the stored SHA-256.
  public Verification verify(Entry entry, Optional<RecipientIdentity> identity) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Writes the plain snapshot, verified to its end; what was written before a failure is no
  /// snapshot and must be thrown away.
  public void extract(Entry entry, RecipientIdentity identity, OutputStream plain) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// @param manifest what it claims, when it can be parsed at all
  /// @param trouble why it cannot be trusted; empty when signed by a pinned key
  public record Entry(
      String id, List<String> stores, Optional<Manifest> manifest, Optional<String> trouble) {}

  public enum Depth {
    /// Signatures and the SHA-256 of what is stored.
    STORED_BYTES,
    /// Also decrypted, and the archive inside verified.
    ARCHIVE
  }

  public record Verification(
      String id, Depth depth, List<Finding> findings, long bytesRead, Instant at) {
    public boolean good() {
      return findings.isEmpty();
    }
  }

  /// @param object the name of the object that is wrong; @param store where
  public record Finding(String store, String object, String message) {}
}
