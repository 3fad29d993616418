package dev.lifeboat.keys;

import dev.lifeboat.config.Secret;
import java.nio.file.Path;

/// The private half of a [RecipientKey]: opens backups. A file of one line, `lifeboat-identity-1
/// BASE64 COMMENT`, mode 0600.
public final class RecipientIdentity {
  private RecipientIdentity() {}

  public static RecipientIdentity generate(String comment) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Refuses a file that others than its owner can read.
  public static RecipientIdentity read(Path file) {
    throw new UnsupportedOperationException("skeleton");
  }

  public RecipientKey recipient() {
    throw new UnsupportedOperationException("skeleton");
  }

  public DataKey unwrap(byte[] wrapped, String backupId) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The line for the private file.
  public Secret line() {
    throw new UnsupportedOperationException("skeleton");
  }
}
