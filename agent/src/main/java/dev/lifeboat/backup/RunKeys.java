package dev.lifeboat.backup;

import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.RecipientKey;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.keys.TrustedSigners;
import java.util.List;

/// The keys of one run, read at its beginning so that a changed file takes effect with the next.
///
/// @param trusted whose manifests count
record RunKeys(List<RecipientKey> recipients, SigningKey signing, TrustedSigners trusted) {
  /// Refuses a signing key that no reader would trust: the backup would be taken for a forgery.
  static RunKeys read(BackupConfig config) {
    List<RecipientKey> recipients = RecipientKey.readAll(config.recipientsFile());
    SigningKey signing = SigningKey.read(config.signingKeyFile());
    TrustedSigners trusted = TrustedSigners.read(config.trustedSignersFile());
    if (trusted.all().stream().noneMatch(s -> s.id().equals(signing.signer().id()))) {
      throw new KeyException(
          KeyException.Reason.UNKNOWN_SIGNER,
          "the key in %s is none of the trusted signers of %s"
                  .formatted(config.signingKeyFile(), config.trustedSignersFile())
              + "\nhint: append this line there, on every machine that reads backups: "
              + signing.signer());
    }
    return new RunKeys(recipients, signing, trusted);
  }
}
