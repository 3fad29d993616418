package dev.lifeboat.backup;

import dev.lifeboat.keys.DataKey;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.RecipientKey;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.keys.WrappedKey;
import dev.lifeboat.kms.KmsConfig;
import dev.lifeboat.kms.KmsRecipient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The keys of one run, read at its beginning so that a changed file takes effect with the next.
///
/// @param trusted whose manifests count
record RunKeys(
    List<RecipientKey> recipients,
    List<KmsConfig> kms,
    SigningKey signing,
    TrustedSigners trusted) {
  private static final System.Logger logger = System.getLogger(RunKeys.class.getName());

  /// A data key as each recipient can open it.
  ///
  /// @param leftOut `kms.NAME` and why that key, which is not required, has not wrapped it
  record Wrapped(List<WrappedKey> keys, Map<String, String> leftOut) {}

  /// There is always a recipient with a key of its own, so a KMS that is left out leaves somebody.
  Wrapped wrap(DataKey dataKey, String clusterId, BackupId id) {
    List<WrappedKey> keys = new ArrayList<>();
    Map<String, String> leftOut = new TreeMap<>();
    recipients.forEach(to -> keys.add(to.wrapped(dataKey, clusterId, id.text())));
    for (KmsConfig to : kms) {
      try {
        keys.add(new KmsRecipient(to).wrapped(dataKey, clusterId, id.text()));
      } catch (KeyException e) {
        if (to.required() || Thread.currentThread().isInterrupted()) {
          throw e;
        }
        String why = SignedManifest.sentence(e);
        leftOut.put(KMS + to.name(), why);
        logger.log(
            System.Logger.Level.WARNING,
            "event=kms_left_out backup=%s kms=%s message=\"%s\" hint=\"%s\""
                .formatted(id, to.name(), why, "lifeboat keys rewrap adds it later"));
      }
    }
    return new Wrapped(keys, leftOut);
  }

  /// What the name of a KMS key begins with where stores are named as well.
  static final String KMS = "kms.";

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
    return new RunKeys(recipients, config.kms(), signing, trusted);
  }
}
