package dev.lifeboat.store.s3;

import dev.lifeboat.config.ByteSize;
import dev.lifeboat.store.ObjectKind;
import dev.lifeboat.store.S3Config;
import dev.lifeboat.store.S3Config.LockMode;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.StoreException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;

/// A [Store] in one bucket, below one prefix.
///
/// An object is created only where none is, and its checksum, sent with it, is compared with what
/// the server answers. Nothing is asked of the server before it is needed.
public final class S3Store implements Store {
  /// Nobody works on one upload for a day, nor are clocks a day apart.
  private static final Duration UPLOAD_DEAD_AFTER = Duration.ofDays(1);

  private static final System.Logger logger = System.getLogger(S3Store.class.getName());

  private final String name;
  private final S3Config config;
  private final Bucket bucket;
  private final Versions versions;
  private final Locks locks;
  private final InstantSource clock;
  private final AtomicBoolean uploadsHidden = new AtomicBoolean();
  private volatile List<Trouble> troubles = List.of();

  private S3Store(String name, S3Config config, InstantSource clock, boolean control) {
    this.name = name;
    this.config = config;
    this.clock = clock;
    this.bucket = new Bucket(name, config);
    this.versions = new Versions(bucket);
    this.locks = new Locks(bucket, clock, control);
  }

  /// @param clock says until when an object is locked, and how old an upload is
  public static Store open(String name, S3Config config, InstantSource clock) {
    S3Store backups = new S3Store(name, config, clock, false);
    return config
        .control()
        .map(control -> new S3Store(name, control, clock, true))
        .<Store>map(control -> new TwoBuckets(backups, control))
        .orElse(backups);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void put(String object, Path file, String sha256) {
    put(object, file, sha256, false);
  }

  @Override
  public void resume(String object, Path file, String sha256) {
    put(object, file, sha256, true);
  }

  private void put(String object, Path file, String sha256, boolean again) {
    requireReady(object);
    Source source;
    try {
      source = Source.of(file, config.partSize().bytes());
    } catch (IOException e) {
      throw new StoreException(
          Reason.UNAVAILABLE, "store %s: cannot read the source %s".formatted(name, file), e);
    }
    if (!source.sha256().equals(sha256)) {
      throw bucket.failure(
          Reason.CORRUPTED,
          "%s was not stored: what was to be sent has the SHA-256 %s, expected %s\nhint: %s"
              .formatted(
                  bucket.place(object),
                  source.sha256(),
                  sha256,
                  "look at this machine's disk and memory"));
    }
    Put put = Put.backup(bucket, object, clock.instant());
    if (source.parts().size() == 1) {
      RequestBody body = source.body(source.parts().getFirst());
      prove(put.whole(body, source.bytes(), sha256), object, sha256, sha256Of(sha256));
    } else {
      Expected crc = new Expected(HeadObjectResponse::checksumCRC32C, source.crc32c());
      prove(Multipart.send(put, source, again), object, sha256, crc);
    }
  }

  @Override
  public void put(String object, byte[] content) {
    put(
        ObjectKind.isControl(object)
            ? Put.control(bucket, object)
            : Put.backup(bucket, object, clock.instant()),
        content);
  }

  @Override
  public void putControl(String object, byte[] content) {
    put(Put.control(bucket, Store.checkedControl(object)), content);
  }

  private void put(Put put, byte[] content) {
    String object = put.object();
    requireReady(object);
    String sha256 = HexFormat.of().formatHex(Source.newSha256().digest(content));
    prove(
        put.whole(RequestBody.fromBytes(content), content.length, sha256),
        object,
        sha256,
        sha256Of(sha256));
  }

  private void requireReady(String object) {
    boolean taken;
    try {
      taken =
          versions.kept() ? versions.oldest(object).isPresent() : bucket.head(object).isPresent();
    } catch (StoreException e) {
      if (e.reason() != Reason.DENIED) {
        throw e;
      }
      taken = false; // Who may only write is told by the put itself.
    }
    if (taken) {
      throw Put.taken(bucket, object);
    }
    locks.requireFit();
  }

  private interface Checksum {
    @Nullable String of(HeadObjectResponse head);
  }

  private record Expected(Checksum kind, String value) {}

  private static Expected sha256Of(String hex) {
    return new Expected(HeadObjectResponse::checksumSHA256, Source.base64OfHex(hex));
  }

  /// Compares what the server says it has; one that says nothing of checksums is read back.
  private void prove(Put.Answer answer, String object, String sha256, Expected expected) {
    Optional<String> said =
        Optional.ofNullable(answer.checksum())
            .or(() -> bucket.head(object).flatMap(h -> Optional.ofNullable(expected.kind.of(h))));
    boolean same =
        said.isPresent()
            ? said.get().equals(expected.value())
            : sha256.equals(readBack(object, answer.version()));
    if (!same) {
      StoreException failure =
          bucket.failure(
              Reason.CORRUPTED,
              "%s was not stored: the server says %s, expected %s\nhint: %s"
                  .formatted(
                      bucket.place(object),
                      said.orElse("nothing and returns other bytes"),
                      expected.value(),
                      "something changed it on the way or over there"));
      try {
        deleteVersion(object, answer.version());
      } catch (StoreException e) {
        failure.addSuppressed(e);
      }
      throw failure;
    }
    versions.remember(object, answer.version());
  }

  private String readBack(String object, @Nullable String version) {
    MessageDigest digest = Source.newSha256();
    try (InputStream stored = ResumedInput.open(bucket, object, version)) {
      stored.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
    } catch (IOException e) {
      throw bucket.failure("cannot read back " + bucket.place(object), new UncheckedIOException(e));
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  @Override
  public InputStream open(String object) {
    return stream(object);
  }

  private ResumedInput stream(String object) {
    Store.checkedName(object);
    if (!versions.kept()) {
      return ResumedInput.open(bucket, object, null);
    }
    Optional<String> version = versions.oldest(object);
    if (version.isEmpty()) {
      throw bucket.failure(Reason.NOT_FOUND, "nothing is at " + bucket.place(object));
    }
    try {
      return ResumedInput.open(bucket, object, version.get());
    } catch (StoreException e) {
      // What was remembered of it is no longer true.
      versions.forget(object);
      if (e.reason() != Reason.NOT_FOUND || versions.oldest(object).isEmpty()) {
        throw e;
      }
      return ResumedInput.open(bucket, object, versions.oldest(object).orElseThrow());
    }
  }

  @Override
  public byte[] read(String object, int maxBytes) {
    try (ResumedInput stored = stream(object)) {
      if (stored.length() > maxBytes) {
        throw bucket.failure(
            Reason.CORRUPTED,
            "%s is larger than the %s that it may be"
                .formatted(bucket.place(object), new ByteSize(maxBytes)));
      }
      return stored.readNBytes(maxBytes);
    } catch (IOException e) {
      throw bucket.failure("cannot read " + bucket.place(object), new UncheckedIOException(e));
    }
  }

  @Override
  public List<StoredObject> list() {
    if (versions.refresh()) {
      Versions.Listing listing = versions.list();
      troubles = List.copyOf(listing.troubles());
      return List.copyOf(listing.objects());
    }
    troubles = List.of();
    return bucket.ask(
        "cannot list s3://%s/%s".formatted(config.bucket(), config.prefix()),
        client ->
            client
                .listObjectsV2Paginator(
                    request -> request.bucket(config.bucket()).prefix(config.prefix()))
                .contents()
                .stream()
                .flatMap(
                    each ->
                        bucket.object(each.key()).stream()
                            .map(
                                object ->
                                    new StoredObject(
                                        object, each.size(), each.lastModified(), each.eTag())))
                .sorted(Comparator.comparing(StoredObject::name))
                .toList());
  }

  @Override
  public List<Trouble> troubles() {
    return troubles;
  }

  @Override
  public void delete(String object) {
    Store.checkedName(object);
    if (!versions.kept()) {
      deleteVersion(object, null);
      return;
    }
    for (String version : versions.all(object)) {
      deleteVersion(object, version);
    }
    versions.forget(object);
  }

  private void deleteVersion(String object, @Nullable String version) {
    try {
      var _ =
          bucket.ask(
              "cannot delete " + bucket.place(object),
              client ->
                  client.deleteObject(
                      request ->
                          request
                              .bucket(config.bucket())
                              .key(bucket.key(object))
                              .versionId(version)));
    } catch (StoreException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        return;
      }
      throw known(object, version)
          .map(
              until ->
                  new StoreException(
                      Reason.DENIED,
                      "store %s: cannot delete %s: locked%s\nhint: %s"
                          .formatted(
                              name,
                              bucket.place(object),
                              until.equals(Instant.MAX) ? "" : " until " + until,
                              until.equals(Instant.MAX)
                                  ? "somebody has put a legal hold on it"
                                  : "it can be deleted then; until then nobody can"),
                      e))
          .orElse(e);
    }
  }

  private Optional<Instant> known(String object, @Nullable String version) {
    try {
      return locks.until(object, version);
    } catch (StoreException e) {
      return Optional.empty();
    }
  }

  @Override
  public void checkSetup() {
    boolean _ = versions.refresh(); // Of a bucket that is not there MinIO tells no locks.
    locks.examine();
  }

  @Override
  public Optional<Duration> lockTime() {
    return config.lock().mode() == LockMode.NONE
        ? Optional.empty()
        : Optional.of(Duration.ofDays(config.lock().days()));
  }

  @Override
  public Optional<Instant> lockedUntil(String object) {
    return versions.kept()
        ? versions.oldest(object).flatMap(version -> locks.until(object, version))
        : Optional.empty();
  }

  @Override
  public void extendLock(String object, Instant until) {
    if (lockTime().isEmpty()) {
      return;
    }
    String version =
        versions
            .oldest(object)
            .orElseThrow(
                () -> bucket.failure(Reason.NOT_FOUND, "nothing is at " + bucket.place(object)));
    locks.extend(object, version, until);
  }

  /// The `Date` of an answer, by HTTP in whole seconds.
  @Override
  public Instant now() {
    String asking = "cannot read the clock of s3://" + config.bucket();
    Optional<String> date =
        bucket.ask(
            asking,
            client ->
                client
                    .headBucket(request -> request.bucket(config.bucket()))
                    .sdkHttpResponse()
                    .firstMatchingHeader("Date"));
    try {
      return ZonedDateTime.parse(date.orElse(""), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
    } catch (DateTimeParseException e) {
      throw new StoreException(
          Reason.UNAVAILABLE,
          "store %s: %s: its answers carry no time\nhint: %s"
              .formatted(name, asking, "is there a proxy that takes the header Date away?"),
          e);
    }
  }

  @Override
  public void cleanUp() {
    Instant dead = clock.instant().minus(UPLOAD_DEAD_AFTER);
    List<MultipartUpload> uploads;
    try {
      uploads = uploads();
    } catch (StoreException e) {
      if (e.reason() != Reason.DENIED) {
        throw e;
      }
      if (uploadsHidden.compareAndSet(false, true)) {
        logger.log(System.Logger.Level.WARNING, "event=uploads_not_cleaned store=" + name, e);
      }
      return;
    }
    for (MultipartUpload upload : uploads) {
      if (upload.initiated().isBefore(dead) && bucket.object(upload.key()).isPresent()) {
        var _ =
            bucket.ask(
                "cannot abort the upload of s3://%s/%s".formatted(config.bucket(), upload.key()),
                client ->
                    client.abortMultipartUpload(
                        request ->
                            request
                                .bucket(config.bucket())
                                .key(upload.key())
                                .uploadId(upload.uploadId())));
        logger.log(
            System.Logger.Level.INFO, "event=upload_removed store={0} key={1}", name, upload.key());
      }
    }
  }

  private List<MultipartUpload> uploads() {
    return bucket.ask(
        "cannot list the uploads to s3://%s/%s".formatted(config.bucket(), config.prefix()),
        client -> {
          List<MultipartUpload> found = new ArrayList<>();
          client
              .listMultipartUploadsPaginator(
                  request -> request.bucket(config.bucket()).prefix(config.prefix()))
              .uploads()
              .forEach(found::add);
          return found;
        });
  }

  @Override
  public void close() {
    bucket.close();
  }
}
