package dev.lifeboat.store.s3;

import dev.lifeboat.config.SecretException;
import dev.lifeboat.store.S3Config;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.StoreException.Reason;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ObjectLockMode;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;
import tools.jackson.databind.json.JsonMapper;

/// One object on its way into the bucket, created only where nothing is.
final class Put {
  /*
   * Whose object is it. The SDK repeats a request whose answer was lost. When the first one had
   * arrived, the repetition is refused (412) by what it wrote itself; and a server that refuses in
   * the middle of a body closes the connection, which looks like a network failure. So every
   * object carries a random mark in its metadata, and after every failure that leaves a doubt the
   * server is asked what is there: our mark means stored, another that the name is taken.
   */
  private static final String MARK = "lifeboat-put";
  private static final int CONFLICTS_MAX = 8;
  private static final long PAUSE_MILLIS = 50;

  private final Bucket bucket;
  private final String object;
  private final Optional<Lock> lock;
  private final String mark = UUID.randomUUID().toString();

  /// @param until when nobody may delete the version
  record Lock(ObjectLockMode mode, Instant until) {}

  private Put(Bucket bucket, String object, Optional<Lock> lock) {
    this.bucket = bucket;
    this.object = object;
    this.lock = lock;
  }

  /// A part of a backup, locked for as long as the configuration says.
  static Put backup(Bucket bucket, String object, Instant now) {
    return new Put(bucket, object, lock(bucket.config().lock(), now));
  }

  /// Never locked.
  static Put control(Bucket bucket, String object) {
    return new Put(bucket, object, Optional.empty());
  }

  /// What the server said of what it stored.
  ///
  /// @param version null without versioning
  /// @param checksum null when it said nothing of it
  record Answer(@Nullable String version, @Nullable String checksum) {}

  String object() {
    return object;
  }

  Bucket bucket() {
    return bucket;
  }

  Map<String, String> metadata() {
    return Map.of(MARK, mark);
  }

  /// In one request, with its SHA-256.
  Answer whole(RequestBody body, long bytes, String sha256) {
    PutObjectRequest.Builder request =
        PutObjectRequest.builder()
            .bucket(bucket.name())
            .key(bucket.key(object))
            .ifNoneMatch("*")
            .metadata(metadata())
            .checksumSHA256(Source.base64OfHex(sha256))
            .overrideConfiguration(
                override ->
                    override.apiCallAttemptTimeout(Clients.attempt(bucket.config(), bytes)));
    kmsKey()
        .ifPresent(
            key ->
                request
                    .serverSideEncryption(ServerSideEncryption.AWS_KMS)
                    .ssekmsKeyId(key)
                    .ssekmsEncryptionContext(kmsContext()));
    lock.ifPresent(
        locked -> request.objectLockMode(locked.mode()).objectLockRetainUntilDate(locked.until()));
    return created(
        () -> {
          PutObjectResponse stored = bucket.client().putObject(request.build(), body);
          return new Answer(stored.versionId(), stored.checksumSHA256());
        },
        new Doubt(HeadObjectResponse::checksumSHA256, Optional.empty()));
  }

  private interface Checksum {
    @Nullable String of(HeadObjectResponse head);
  }

  /// Does the request that creates, and finds out what came of it when the answer does not say.
  private Answer created(Supplier<Answer> request, Doubt doubt) {
    for (int conflict = 0; ; conflict++) {
      try {
        return request.get();
      } catch (SdkException e) {
        if (e instanceof AwsServiceException answer
            && Failures.code(answer).equals("ConditionalRequestConflict")
            && conflict < CONFLICTS_MAX) {
          pause(conflict);
          continue;
        }
        return settled(e, doubt);
      } catch (SecretException | UncheckedIOException e) {
        throw bucket.failure("cannot store " + bucket.place(object), e);
      }
    }
  }

  /// @param crc32c of the whole, when another process began the upload: its mark is on the object
  Answer completed(Optional<String> crc32c, Supplier<Answer> request) {
    return created(request, new Doubt(HeadObjectResponse::checksumCRC32C, crc32c));
  }

  /// How to tell, when the answer does not say, whether what is there is ours.
  ///
  /// @param value of the checksum that says so as well as our mark
  private record Doubt(Checksum checksum, Optional<String> value) {
    boolean isOurs(HeadObjectResponse there, String mark) {
      return mark.equals(there.metadata().get(MARK))
          || value.stream().anyMatch(sum -> sum.equals(checksum.of(there)));
    }
  }

  private Answer settled(SdkException e, Doubt doubt) {
    StoreException failure = bucket.failure("cannot store " + bucket.place(object), e);
    boolean refused = e instanceof AwsServiceException answer && answer.statusCode() == 412;
    boolean gone = failure.reason() == Reason.NOT_FOUND; // An upload that was completed already.
    boolean unclear = !(e instanceof AwsServiceException answer) || answer.statusCode() >= 500;
    if (!(refused || gone || unclear) || Thread.currentThread().isInterrupted()) {
      throw failure;
    }
    Optional<HeadObjectResponse> there;
    try {
      there = bucket.head(object);
    } catch (StoreException unknown) {
      failure.addSuppressed(unknown);
      throw failure;
    }
    if (there.isPresent() && doubt.isOurs(there.get(), mark)) {
      return new Answer(there.get().versionId(), doubt.checksum().of(there.get()));
    }
    if (refused || there.isPresent()) {
      throw taken(bucket, object);
    }
    throw gone
        ? new StoreException(Reason.UNAVAILABLE, String.valueOf(failure.getMessage()), failure)
        : failure;
  }

  static StoreException taken(Bucket bucket, String object) {
    return bucket.failure(
        Reason.EXISTS, bucket.place(object) + " exists already and nothing is ever overwritten");
  }

  private void pause(int conflict) {
    try {
      Thread.sleep(PAUSE_MILLIS << conflict);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException(
          Reason.UNAVAILABLE, "told to stop while storing " + bucket.place(object), e);
    }
  }

  Optional<String> kmsKey() {
    return bucket.config().encryption().kmsKey();
  }

  /// As the header wants it: base64 of JSON.
  @Nullable String kmsContext() {
    Map<String, String> context = bucket.config().encryption().context();
    return context.isEmpty()
        ? null
        : Base64.getEncoder()
            .encodeToString(
                JsonMapper.shared().writeValueAsString(context).getBytes(StandardCharsets.UTF_8));
  }

  Optional<Lock> lock() {
    return lock;
  }

  private static Optional<Lock> lock(S3Config.Lock config, Instant now) {
    Instant until = now.plus(Duration.ofDays(config.days()));
    return switch (config.mode()) {
      case NONE -> Optional.empty();
      case GOVERNANCE -> Optional.of(new Lock(ObjectLockMode.GOVERNANCE, until));
      case COMPLIANCE -> Optional.of(new Lock(ObjectLockMode.COMPLIANCE, until));
    };
  }
}
