package dev.lifeboat.kms;

import dev.lifeboat.config.SecretException;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.KeyException.Reason;
import dev.lifeboat.store.S3Config.Credentials;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.s3.Login;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.function.Function;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.KmsClientBuilder;
import software.amazon.awssdk.services.kms.model.DisabledException;
import software.amazon.awssdk.services.kms.model.IncorrectKeyException;
import software.amazon.awssdk.services.kms.model.InvalidCiphertextException;
import software.amazon.awssdk.services.kms.model.KmsInvalidStateException;
import software.amazon.awssdk.services.kms.model.NotFoundException;

/// One request to AWS KMS, and what its failures mean in our words.
final class Kms {
  private static final int ATTEMPTS = 3;
  private static final Duration ATTEMPT = Duration.ofSeconds(5);
  private static final Duration CALL = Duration.ofSeconds(20);

  private final KmsConfig config;
  private final Credentials credentials;
  private final Place place;

  /// Where the user has written about this key.
  ///
  /// @param block of the configuration
  /// @param page of the documentation
  record Place(String block, String page) {
    static final Place BACKUP = new Place("backup.kms", "docs/keys.md");
  }

  Kms(KmsConfig config, Credentials credentials) {
    this(config, credentials, Place.BACKUP);
  }

  Kms(KmsConfig config, Credentials credentials, Place place) {
    this.config = config;
    this.credentials = credentials;
    this.place = place;
  }

  /// A client of its own for each request: a backup makes one a day, and nothing is left open.
  ///
  /// @param doing such as `cannot encrypt with alias/x`
  <T> T ask(String doing, Function<KmsClient, T> request) {
    try (KmsClient client = open()) {
      return request.apply(client);
    } catch (SdkException | SecretException | StoreException | UncheckedIOException e) {
      throw failure(doing, e);
    }
  }

  private KmsClient open() {
    Login login =
        new Login("kms " + config.name(), config.region(), config.endpoint(), config.caFile());
    KmsClientBuilder builder =
        KmsClient.builder()
            .overrideConfiguration(
                override ->
                    override
                        .retryStrategy(
                            AwsRetryStrategy.standardRetryStrategy().toBuilder()
                                .maxAttempts(ATTEMPTS)
                                .build())
                        .apiCallAttemptTimeout(ATTEMPT)
                        .apiCallTimeout(CALL));
    return login.client(builder, credentials, ATTEMPT);
  }

  private KeyException failure(String doing, RuntimeException e) {
    return switch (e) {
      case InvalidCiphertextException _, IncorrectKeyException _ ->
          said(
              Reason.WRONG_KEY,
              doing,
              "KMS does not open it with this key and this encryption context",
              "it was wrapped by another key, or for another backup",
              e);
      case DisabledException _ ->
          said(Reason.KMS, doing, "the key is disabled", "aws kms enable-key, then again", e);
      case KmsInvalidStateException _ ->
          said(
              Reason.KMS,
              doing,
              "the key is not usable: " + Login.brief(e),
              "is its deletion scheduled? aws kms cancel-key-deletion, then enable-key",
              e);
      case NotFoundException _ ->
          said(
              Reason.KMS,
              doing,
              Login.brief(e),
              "see key, region and account of " + place.block(),
              e);
      case AwsServiceException refused when refused.statusCode() / 100 == 4 ->
          said(
              Reason.KMS,
              doing,
              Login.brief(refused),
              "the rights that are needed are in " + place.page(),
              refused);
      case AbortedException stopped -> {
        Thread.currentThread().interrupt();
        yield said(Reason.KMS, doing, "told to stop", "try again", stopped);
      }
      case UncheckedIOException unreadable ->
          said(
              Reason.KMS,
              doing,
              String.valueOf(unreadable.getCause()),
              "see the token-file of " + place.block(),
              unreadable);
      case SecretException secret ->
          said(
              Reason.KMS,
              doing,
              Login.brief(secret),
              "see the credentials of " + place.block(),
              secret);
      default ->
          said(
              Reason.KMS,
              doing,
              Login.brief(e),
              "can this machine reach %s?"
                  .formatted(config.endpoint().map(Object::toString).orElse("AWS KMS")),
              e);
    };
  }

  private KeyException said(
      Reason reason, String doing, String what, String hint, Throwable cause) {
    return new KeyException(
        reason, "kms %s: %s: %s\nhint: %s".formatted(config.name(), doing, what, hint), cause);
  }
}
