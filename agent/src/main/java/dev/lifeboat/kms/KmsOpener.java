package dev.lifeboat.kms;

import dev.lifeboat.keys.DataKey;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.Opener;
import dev.lifeboat.keys.WrappedKey;
import dev.lifeboat.store.S3Config.Credentials;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kms.model.DecryptResponse;

/// Opens what a [KmsRecipient] wrapped, by `kms:Decrypt`, as the second identity of its block.
public final class KmsOpener implements Opener {
  private final KmsConfig config;
  private final Credentials decrypt;

  private KmsOpener(KmsConfig config, Credentials decrypt) {
    this.config = config;
    this.decrypt = decrypt;
  }

  /// [KeyException] when the block has no second identity.
  public static KmsOpener of(KmsConfig config) {
    Credentials decrypt =
        config
            .decrypt()
            .orElseThrow(
                () ->
                    new KeyException(
                        KeyException.Reason.BAD_KEY_FILE,
                        "backup.kms.%s has no identity that may decrypt".formatted(config.name())
                            + "\nhint: add decrypt { credentials = … } to the block, on a machine"
                            + " that is no Vault node"));
    return new KmsOpener(config, decrypt);
  }

  /// A key's id is made of its ARN, which an alias does not tell.
  @Override
  public Optional<String> recipientId() {
    return Optional.empty();
  }

  @Override
  public boolean fits(WrappedKey key) {
    return new KmsRecipient(config).has(key);
  }

  /// The id of the backup is the caller's, whatever the document says: KMS compares.
  @Override
  public DataKey open(WrappedKey key, String backupId) {
    WrappedKey.Kms by =
        key.kms().orElseThrow(() -> new IllegalArgumentException("not wrapped by KMS: " + key));
    Map<String, String> context = new TreeMap<>(by.context());
    context.put(KmsRecipient.BACKUP, backupId);
    DecryptResponse answer =
        new Kms(config, decrypt)
            .ask(
                "cannot decrypt with " + by.key(),
                client ->
                    client.decrypt(
                        request ->
                            request
                                .keyId(by.key())
                                .ciphertextBlob(SdkBytes.fromByteArray(key.wrappedBytes()))
                                .encryptionContext(context)));
    byte[] raw = answer.plaintext().asByteArray();
    try {
      return DataKey.of(raw);
    } catch (IllegalArgumentException e) {
      throw new KeyException(
          KeyException.Reason.BAD_DOCUMENT,
          "kms %s: what it opened is no data key: %s".formatted(config.name(), e.getMessage()),
          e);
    } finally {
      Arrays.fill(raw, (byte) 0);
    }
  }

  @Override
  public String words() {
    return "kms " + config.name();
  }
}
