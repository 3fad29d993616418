package dev.lifeboat.kms;

import dev.lifeboat.keys.DataKey;
import dev.lifeboat.keys.Recipient;
import dev.lifeboat.keys.WrappedKey;
import java.util.Arrays;
import java.util.Map;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kms.model.EncryptResponse;

/// A key of AWS KMS that data keys are wrapped for, by `kms:Encrypt`.
///
/// The encryption context is `lifeboat-cluster` (the cluster's id) and `lifeboat-backup` (the id of
/// the backup): KMS writes both into CloudTrail, a key policy may ask for them, and a wrapped key
/// moved to another backup does not open.
public record KmsRecipient(KmsConfig config) implements Recipient {
  static final String CLUSTER = "lifeboat-cluster";
  static final String BACKUP = "lifeboat-backup";

  @Override
  public String comment() {
    return config.name();
  }

  /// By the block's name, since an alias does not tell which key it stands for; a block that names
  /// a key by its ARN means that key.
  @Override
  public boolean has(WrappedKey key) {
    return key.kms()
        .map(
            by ->
                (config.key().startsWith("arn:") && config.key().contains(":key/"))
                    ? by.key().equals(config.key())
                    : key.comment().equals(config.name()))
        .orElse(false);
  }

  @Override
  public WrappedKey wrapped(DataKey dataKey, String clusterId, String backupId) {
    Map<String, String> context =
        Map.of(CLUSTER, clusterId.isEmpty() ? "unknown" : clusterId, BACKUP, backupId);
    byte[] raw = dataKey.revealBytes();
    try {
      EncryptResponse answer =
          new Kms(config, config.credentials())
              .ask(
                  "cannot encrypt with " + config.key(),
                  client ->
                      client.encrypt(
                          request ->
                              request
                                  .keyId(config.key())
                                  .plaintext(SdkBytes.fromByteArray(raw))
                                  .encryptionContext(context)));
      return WrappedKey.ofKms(
          backupId,
          config.name(),
          answer.ciphertextBlob().asByteArray(),
          new WrappedKey.Kms(answer.keyId(), context));
    } finally {
      Arrays.fill(raw, (byte) 0);
    }
  }

  @Override
  public String words() {
    return "kms %s (%s)".formatted(config.name(), config.key());
  }
}
