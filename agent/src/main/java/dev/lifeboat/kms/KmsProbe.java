package dev.lifeboat.kms;

import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.KeyException.Reason;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kms.model.DecryptResponse;
import software.amazon.awssdk.services.kms.model.DisabledException;
import software.amazon.awssdk.services.kms.model.EncryptResponse;
import software.amazon.awssdk.services.kms.model.KeyMetadata;
import software.amazon.awssdk.services.kms.model.KeyState;
import software.amazon.awssdk.services.kms.model.KmsInvalidStateException;
import software.amazon.awssdk.services.kms.model.MultiRegionConfiguration;
import software.amazon.awssdk.services.kms.model.NotFoundException;

/// Whether a key of KMS does what an auto-unseal asks of it: is there, is enabled, encrypts and
/// decrypts. Leaves nothing behind but lines in CloudTrail.
public final class KmsProbe {
  private static final int PROBE_BYTES = 32;

  private static final Kms.Place PLACE = new Kms.Place("unseal.aws", "docs/unseal.md");

  private KmsProbe() {}

  /// @param arn of the key behind the alias
  /// @param regions in which it is
  public record Answer(String arn, Set<String> regions) {
    public Answer {
      regions = Collections.unmodifiableSet(new TreeSet<>(regions));
    }
  }

  /// A [KeyException] says what is wrong.
  ///
  /// @param config of which key, credentials and place count
  public static Answer look(KmsConfig config) {
    Kms kms = new Kms(config, config.credentials(), PLACE);
    KeyMetadata key =
        kms.ask(
            "cannot look at " + config.key(),
            client -> client.describeKey(request -> request.keyId(config.key())).keyMetadata());
    if (key.keyState() != KeyState.ENABLED) {
      throw new KeyException(
          Reason.KMS,
          "kms %s: %s is %s\nhint: %s"
              .formatted(
                  config.name(),
                  key.arn(),
                  key.keyStateAsString(),
                  key.keyState() == KeyState.PENDING_DELETION
                      ? "aws kms cancel-key-deletion at once, then enable-key: without this key the"
                          + " data is lost"
                      : "aws kms enable-key"));
    }
    byte[] probe = new byte[PROBE_BYTES];
    new SecureRandom().nextBytes(probe);
    EncryptResponse encrypted =
        kms.ask(
            "cannot encrypt with " + config.key(),
            client ->
                client.encrypt(
                    request ->
                        request.keyId(config.key()).plaintext(SdkBytes.fromByteArray(probe))));
    DecryptResponse decrypted =
        kms.ask(
            "cannot decrypt with " + config.key(),
            client ->
                client.decrypt(request -> request.ciphertextBlob(encrypted.ciphertextBlob())));
    if (!Arrays.equals(probe, decrypted.plaintext().asByteArray())) {
      throw new KeyException(
          Reason.KMS, "kms %s: %s decrypts to something else".formatted(config.name(), key.arn()));
    }
    return new Answer(key.arn(), regions(key));
  }

  /// A multi-Region key is in the regions of its replicas, and in no others.
  private static Set<String> regions(KeyMetadata key) {
    Set<String> regions = new TreeSet<>(Set.of(KmsConfig.regionOf(key.arn())));
    MultiRegionConfiguration replicated = key.multiRegionConfiguration();
    if (replicated != null) {
      regions.add(replicated.primaryKey().region());
      replicated.replicaKeys().forEach(replica -> regions.add(replica.region()));
    }
    return regions;
  }

  /// Whether it is the key that is at fault, for everybody; else it may be our login or our way to
  /// KMS, and the server has its own.
  public static boolean isOfTheKey(KeyException failed) {
    Throwable cause = failed.getCause();
    return cause == null
        || cause instanceof NotFoundException
        || cause instanceof DisabledException
        || cause instanceof KmsInvalidStateException;
  }
}
