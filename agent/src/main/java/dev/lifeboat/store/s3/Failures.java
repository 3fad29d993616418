package dev.lifeboat.store.s3;

import dev.lifeboat.config.SecretException;
import dev.lifeboat.store.S3Config;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.StoreException.Reason;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/// The one place that turns what the server or the SDK says into [StoreException]s.
final class Failures {
  private static final Pattern EXPECTED_REGION =
      Pattern.compile("(?:expecting|region|Region:?) '?([a-z]{2}-[a-z-]+-\\d)'?");
  private static final int DETAIL_MAX = 200;

  private final String store;
  private final S3Config config;

  Failures(String store, S3Config config) {
    this.store = store;
    this.config = config;
  }

  /// @param doing such as `cannot store s3://bucket/key`
  StoreException of(String doing, RuntimeException failure) {
    return switch (failure) {
      case StoreException known -> known;
      case AwsServiceException answer -> answered(doing, answer);
      case SecretException secret ->
          said(Reason.DENIED, doing, String.valueOf(secret.getMessage()), secret);
      case AbortedException stopped -> {
        Thread.currentThread().interrupt();
        yield said(Reason.UNAVAILABLE, doing, "told to stop", stopped);
      }
      case ApiCallAttemptTimeoutException slow ->
          said(Reason.UNAVAILABLE, doing, "no answer in time" + reach(), slow);
      case SdkException client -> unanswered(doing, client);
      default -> throw failure;
    };
  }

  private StoreException said(Reason reason, String doing, String what, Throwable cause) {
    return new StoreException(reason, "store %s: %s: %s".formatted(store, doing, what), cause);
  }

  private StoreException unanswered(String doing, SdkException e) {
    String text = String.valueOf(e.getMessage());
    Throwable root = e;
    for (int depth = 0; root.getCause() != null && depth < 10; depth++) {
      root = root.getCause();
      if (root instanceof SecretException secret) {
        return said(Reason.DENIED, doing, String.valueOf(secret.getMessage()), e);
      }
    }
    if (text.contains("credentials")) {
      return said(
          Reason.DENIED,
          doing,
          "no credentials (%s)\nhint: set credentials of the store: docs/stores.md"
              .formatted(brief(text)),
          e);
    }
    if (text.contains("region")) {
      return said(Reason.UNAVAILABLE, doing, brief(text) + "\nhint: set region of the store", e);
    }
    String why =
        e.getCause() == null ? brief(text) : root.getClass().getSimpleName() + ": " + brief(root);
    return said(Reason.UNAVAILABLE, doing, why + reach(), e);
  }

  private String reach() {
    return "\nhint: can this machine reach %s?"
        .formatted(config.endpoint().map(Object::toString).orElse("S3"));
  }

  private StoreException answered(String doing, AwsServiceException e) {
    String code = code(e);
    String what = "%s (%d)%s".formatted(code, e.statusCode(), detail(e));
    return switch (code) {
      case "NoSuchKey", "NoSuchVersion", "NotFound" -> said(Reason.NOT_FOUND, doing, what, e);
      case "NoSuchBucket" ->
          said(
              Reason.UNAVAILABLE,
              doing,
              what + "\nhint: create the bucket %s, or correct its name".formatted(config.bucket()),
              e);
      case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "InvalidToken" ->
          said(
              Reason.DENIED,
              doing,
              what + "\nhint: the credentials have expired; whatever renews them has stopped",
              e);
      case "RequestTimeTooSkewed" ->
          said(
              Reason.DENIED,
              doing,
              what + "\nhint: this machine's clock differs from the server's; set it",
              e);
      case "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch", "BadDigest" ->
          said(
              Reason.CORRUPTED,
              doing,
              what + "\nhint: something changed it on the way; nothing was stored",
              e);
      case "PermanentRedirect",
          "TemporaryRedirect",
          "MovedPermanently",
          "AuthorizationHeaderMalformed",
          "IllegalLocationConstraintException" ->
          said(Reason.UNAVAILABLE, doing, what + "\nhint: " + region(e), e);
      case "XMinioStorageFull",
          "XMinioAdminBucketQuotaExceeded",
          "QuotaExceeded",
          "InsufficientStorage" ->
          said(Reason.FULL, doing, what + "\nhint: free space there, or raise its quota", e);
      case "ObjectLockConfigurationNotFoundError" ->
          said(Reason.UNAVAILABLE, doing, what + lockless(), e);
      default -> byStatus(doing, what, e);
    };
  }

  private StoreException byStatus(String doing, String what, AwsServiceException e) {
    String lower = what.toLowerCase(Locale.ROOT);
    if (lower.contains("lock") && lower.contains("missing")) {
      return said(Reason.UNAVAILABLE, doing, what + lockless(), e);
    }
    // MinIO has no word of its own for a disk that fills up while it writes.
    if (lower.contains("no space left")) {
      return said(Reason.FULL, doing, what + "\nhint: free space there", e);
    }
    if (lower.contains("kms")) {
      return said(
          Reason.UNAVAILABLE,
          doing,
          what + "\nhint: see that the key of sse.kms-key exists, is enabled and may be used",
          e);
    }
    return switch (e.statusCode()) {
      case 301, 307 -> said(Reason.UNAVAILABLE, doing, what + "\nhint: " + region(e), e);
      case 401, 403 ->
          said(
              Reason.DENIED,
              doing,
              what + "\nhint: the rights that lifeboat needs are in docs/stores.md",
              e);
      case 404 -> said(Reason.NOT_FOUND, doing, what, e);
      case 507 -> said(Reason.FULL, doing, what + "\nhint: free space there", e);
      default -> said(Reason.UNAVAILABLE, doing, what + reach(), e);
    };
  }

  /// What to do about a bucket in which nothing can be locked.
  String lockless() {
    return "\nhint: the bucket %s has no object lock: create one that has, or set lock.mode = none"
        .formatted(config.bucket());
  }

  private static String region(AwsServiceException e) {
    Optional<String> named =
        Optional.ofNullable(e.awsErrorDetails())
            .flatMap(details -> Optional.ofNullable(details.sdkHttpResponse()))
            .flatMap(response -> response.firstMatchingHeader("x-amz-bucket-region"));
    Matcher told = EXPECTED_REGION.matcher(String.valueOf(e.getMessage()));
    return named
        .or(() -> told.find() ? Optional.of(told.group(1)) : Optional.empty())
        .map(region -> "the bucket is in another region: set region = " + region)
        .orElse("the bucket is in another region: set region, or the endpoint of its region");
  }

  /// What the server calls it; the SDK's own word for an answer without a body.
  static String code(AwsServiceException e) {
    AwsErrorDetails details = e.awsErrorDetails();
    String code = details == null ? null : details.errorCode();
    if (code != null && !code.isEmpty()) {
      return code;
    }
    return switch (e.statusCode()) {
      case 403 -> "Forbidden";
      case 404 -> "NotFound";
      case 412 -> "PreconditionFailed";
      case 507 -> "InsufficientStorage";
      default -> "HTTP";
    };
  }

  private static String detail(AwsServiceException e) {
    AwsErrorDetails details = e.awsErrorDetails();
    String text = details == null ? null : details.errorMessage();
    return text == null || text.isBlank() ? "" : " " + brief(text);
  }

  private static String brief(Throwable thrown) {
    return brief(String.valueOf(thrown.getMessage()));
  }

  /// One line of what others wrote.
  private static String brief(String text) {
    String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
    return line.length() > DETAIL_MAX ? line.substring(0, DETAIL_MAX) + "…" : line;
  }
}
