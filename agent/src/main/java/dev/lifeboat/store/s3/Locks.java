package dev.lifeboat.store.s3;

import dev.lifeboat.config.SecretException;
import dev.lifeboat.store.S3Config.LockMode;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.StoreException.Reason;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.DefaultRetention;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ObjectLockConfiguration;
import software.amazon.awssdk.services.s3.model.ObjectLockEnabled;
import software.amazon.awssdk.services.s3.model.ObjectLockLegalHoldStatus;
import software.amazon.awssdk.services.s3.model.ObjectLockMode;
import software.amazon.awssdk.services.s3.model.ObjectLockRetentionMode;
import software.amazon.awssdk.services.s3.model.ObjectLockRule;

/// Object lock as one bucket has it.
final class Locks {
  /*
   * Three things are called object lock. A bucket can be made with it; then versions can be locked,
   * each by its own put or later. And such a bucket can have a default retention, which locks
   * whatever is put there without a word of a lock: a claim that must be renewed in a minute, too.
   * No header of a put says "not this one". So where control objects lie there must be none.
   *
   * Only puts are refused. Whatever a bucket has become, what lies there can be read.
   */
  private static final System.Logger logger = System.getLogger(Locks.class.getName());

  /// Somebody may change the bucket while we run.
  private static final Duration FIT_FOR = Duration.ofHours(1);

  private final Bucket bucket;
  private final InstantSource clock;
  private final boolean control;
  private final AtomicBoolean told = new AtomicBoolean();
  private volatile Instant fitUntil = Instant.MIN;

  /// @param control whether it holds control objects alone
  Locks(Bucket bucket, InstantSource clock, boolean control) {
    this.bucket = bucket;
    this.clock = clock;
    this.control = control;
  }

  /// Before a put; asks once an hour.
  void requireFit() {
    if (clock.instant().isBefore(fitUntil)) {
      return;
    }
    examine();
    fitUntil = clock.instant().plus(FIT_FOR);
  }

  /// Refuses a bucket that cannot lock what it shall, or locks what it must not.
  void examine() {
    String doing = "cannot ask for the object lock of s3://" + bucket.name();
    Optional<ObjectLockConfiguration> found;
    try {
      found =
          Optional.ofNullable(
              bucket
                  .client()
                  .getObjectLockConfiguration(request -> request.bucket(bucket.name()))
                  .objectLockConfiguration());
    } catch (AwsServiceException e) {
      if (e.statusCode() == 404 && !Failures.code(e).equals("NoSuchBucket")) {
        found = Optional.empty();
      } else if (e.statusCode() == 403 || e.statusCode() == 405 || e.statusCode() == 501) {
        tellUnknown(e);
        return;
      } else {
        throw bucket.failure(doing, e);
      }
    } catch (SdkException | SecretException e) {
      throw bucket.failure(doing, e);
    }
    // MinIO answers an empty configuration where AWS has none.
    requireLock(
        found.filter(lock -> lock.objectLockEnabled() == ObjectLockEnabled.ENABLED).isPresent());
    found
        .map(ObjectLockConfiguration::rule)
        .map(ObjectLockRule::defaultRetention)
        .ifPresent(this::requireNoDefault);
  }

  private void tellUnknown(AwsServiceException e) {
    if (told.compareAndSet(false, true)) {
      logger.log(
          System.Logger.Level.WARNING,
          "event=object_lock_unknown bucket={0} code={1} taken_for=as_configured",
          bucket.name(),
          Failures.code(e));
    }
  }

  private void requireLock(boolean there) {
    if (!there && bucket.config().lock().mode() != LockMode.NONE) {
      throw bucket.failure(
          Reason.UNAVAILABLE,
          "nothing can be locked in s3://%s%s".formatted(bucket.name(), bucket.lockless()));
    }
  }

  private void requireNoDefault(DefaultRetention rule) {
    if (bucket.config().controlBucket().isPresent()) {
      return; // What must not be locked lies there.
    }
    String length =
        rule.days() == null ? rule.years() + " years" : "%d days".formatted(rule.days());
    throw bucket.failure(
        Reason.UNAVAILABLE,
        ("s3://%s has a default retention (%s, %s), which would lock claims, pins and the results"
                + " of verifications as well\nhint: %s")
            .formatted(
                bucket.name(),
                rule.modeAsString(),
                length,
                control
                    ? "control-bucket must name a bucket without one"
                    : "name a second bucket without one in control-bucket, or take it away and"
                        + " set lock { mode, days }, which locks backups alone"));
  }

  /// Until when nobody can delete this version; [Instant#MAX] while somebody holds it.
  Optional<Instant> until(String object, @Nullable String version) {
    return version == null ? Optional.empty() : head(object, version).flatMap(this::until);
  }

  private Optional<Instant> until(HeadObjectResponse head) {
    return head.objectLockLegalHoldStatus() == ObjectLockLegalHoldStatus.ON
        ? Optional.of(Instant.MAX)
        : Optional.ofNullable(head.objectLockRetainUntilDate())
            .filter(until -> until.isAfter(clock.instant()));
  }

  /// Never shortens; keeps the mode that the version has.
  void extend(String object, String version, Instant until) {
    HeadObjectResponse head =
        head(object, version)
            .orElseThrow(
                () -> bucket.failure(Reason.NOT_FOUND, "nothing is at " + bucket.place(object)));
    Instant before = head.objectLockRetainUntilDate();
    if (before != null && !before.isBefore(until)) {
      return;
    }
    ObjectLockMode mode = head.objectLockMode();
    ObjectLockRetentionMode wanted =
        mode == ObjectLockMode.COMPLIANCE
                || (mode == null && bucket.config().lock().mode() == LockMode.COMPLIANCE)
            ? ObjectLockRetentionMode.COMPLIANCE
            : ObjectLockRetentionMode.GOVERNANCE;
    var _ =
        bucket.ask(
            "cannot lock %s until %s".formatted(bucket.place(object), until),
            client ->
                client.putObjectRetention(
                    request ->
                        request
                            .bucket(bucket.name())
                            .key(bucket.key(object))
                            .versionId(version)
                            .retention(lock -> lock.mode(wanted).retainUntilDate(until))));
  }

  private Optional<HeadObjectResponse> head(String object, String version) {
    try {
      return Optional.of(
          bucket.ask(
              "cannot look at " + bucket.place(object),
              client ->
                  client.headObject(
                      request ->
                          request
                              .bucket(bucket.name())
                              .key(bucket.key(object))
                              .versionId(version))));
    } catch (StoreException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
