package dev.lifeboat.store;

import dev.lifeboat.config.ByteSize;
import dev.lifeboat.config.Section;
import dev.lifeboat.store.S3Config.Encryption;
import dev.lifeboat.store.S3Config.Lock;
import dev.lifeboat.store.S3Config.LockMode;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// Reads a block with `type = s3`.
final class S3Syntax {
  private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
  private static final String BUCKET_HINT = "3 to 63 of a-z, 0-9, . and -";
  private static final Pattern PREFIX = Pattern.compile("([A-Za-z0-9._-]+/)*[A-Za-z0-9._-]+/?");
  // Of S3: no part but the last is smaller, no object is larger than 5 TiB in 10,000 parts.
  private static final ByteSize PART_MIN = ByteSize.mebibytes(5);
  private static final ByteSize PART_MAX = ByteSize.mebibytes(1024);
  private static final ByteSize PART_SIZE = ByteSize.mebibytes(16);
  private static final Duration STALL = Duration.ofSeconds(30);
  private static final int DAYS_MAX = 36_500;

  private S3Syntax() {}

  static S3Config read(Section block) {
    return new S3Config(
        matching(block, "bucket", block.text("bucket"), BUCKET, BUCKET_HINT),
        prefix(block),
        controlBucket(block),
        AwsSyntax.region(block),
        AwsSyntax.endpoint(
            block,
            block.has("allow-plain") && block.flag("allow-plain"),
            "use https://; allow-plain = true sends backups, which are encrypted, in the clear"),
        block.has("path-style") && block.flag("path-style"),
        block.optionalPath("ca-file"),
        CredentialsSyntax.read(block),
        encryption(block.section("sse")),
        lock(block.section("lock")),
        block.has("part-size") ? block.size("part-size", PART_MIN, PART_MAX) : PART_SIZE,
        block.has("stall-timeout")
            ? block.duration("stall-timeout", Duration.ofSeconds(1), Duration.ofMinutes(10))
            : STALL);
  }

  /// @param text the placeholder of a missing key is empty, and was reported
  private static String matching(
      Section block, String key, String text, Pattern pattern, String hint) {
    if (!text.isEmpty() && !pattern.matcher(text).matches()) {
      block.problem(key, "'%s' is no %s".formatted(text, key), hint);
    }
    return text;
  }

  private static Optional<String> controlBucket(Section block) {
    Optional<String> control = block.optionalText("control-bucket");
    control.ifPresent(
        name -> {
          String _ = matching(block, "control-bucket", name, BUCKET, BUCKET_HINT);
          if (block.optionalText("bucket").equals(control)) {
            block.problem(
                "control-bucket",
                "the same as bucket",
                "leave it out, or name a bucket without default retention");
          }
          if (!block.section("lock").has("mode")) {
            block.problem(
                "control-bucket",
                "without lock: what is locked by the bucket alone is locked for no longer",
                "set lock { mode, days } as the default retention of the bucket has them");
          }
        });
    return control;
  }

  private static String prefix(Section block) {
    String text =
        matching(
            block,
            "prefix",
            block.optionalText("prefix").orElse(""),
            PREFIX,
            "names of A-Z, a-z, 0-9, ., _ and -, with slashes between them: backups/vault");
    return text.isEmpty() || text.endsWith("/") ? text : text + "/";
  }

  private static Encryption encryption(Section sse) {
    Optional<String> key = sse.optionalText("kms-key");
    Map<String, String> context = sse.pairs("context");
    if (key.isEmpty() && !context.isEmpty()) {
      sse.problem("context", "an encryption context without a key", "set kms-key beside it");
    }
    return new Encryption(key, context);
  }

  private static Lock lock(Section lock) {
    LockMode mode = lock.has("mode") ? lock.choice("mode", LockMode.class) : LockMode.NONE;
    return switch (mode) {
      case NONE -> {
        if (lock.has("days")) {
          lock.problem(
              "days", "has no effect without a mode", "set mode = governance or compliance");
        }
        yield Lock.NONE;
      }
      case GOVERNANCE, COMPLIANCE -> new Lock(mode, lock.number("days", 1, DAYS_MAX));
    };
  }
}
