package dev.lifeboat.store.s3;

import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.StoreException.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.ChecksumType;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.Part;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;

/// A file that is sent in parts, two at a time; the object appears when they are put together.
final class Multipart {
  /*
   * S3 knows the SHA-256 of an object in parts only as a sum of sums. So each part carries its
   * CRC32C, which the server proves, and the whole its own, which it proves and answers; both were
   * taken in the one pass that also proved the SHA-256 of the file.
   *
   * Memory: a part is read from the file while it is sent, and again when it is repeated. What is
   * held is a buffer for each of the two connections.
   */
  private static final System.Logger logger = System.getLogger(Multipart.class.getName());
  private static final int AT_ONCE = 2;

  private final Put put;
  private final Source source;
  private final Bucket bucket;
  private final String doing;
  private final boolean again;

  private Multipart(Put put, Source source, boolean again) {
    this.put = put;
    this.source = source;
    this.again = again;
    this.bucket = put.bucket();
    this.doing = "cannot store " + bucket.place(put.object());
  }

  /// @param again whether another process may have begun it
  static Put.Answer send(Put put, Source source, boolean again) {
    return new Multipart(put, source, again).send();
  }

  private Put.Answer send() {
    Optional<Begun> begun = again ? begun() : Optional.empty();
    String upload = begun.map(Begun::upload).orElseGet(this::begin);
    CompletedPart[] there = new CompletedPart[source.parts().size()];
    begun.ifPresent(found -> found.into(there));
    boolean completed = false;
    try {
      Put.Answer answer = complete(upload, parts(upload, there));
      completed = true;
      return answer;
    } finally {
      if (!completed) {
        abort(upload);
      }
    }
  }

  private String begin() {
    CreateMultipartUploadRequest.Builder request =
        CreateMultipartUploadRequest.builder()
            .bucket(bucket.name())
            .key(bucket.key(put.object()))
            .metadata(put.metadata())
            .checksumAlgorithm(ChecksumAlgorithm.CRC32_C)
            .checksumType(ChecksumType.FULL_OBJECT);
    put.kmsKey()
        .ifPresent(
            key ->
                request
                    .serverSideEncryption(ServerSideEncryption.AWS_KMS)
                    .ssekmsKeyId(key)
                    .ssekmsEncryptionContext(put.kmsContext()));
    put.lock()
        .ifPresent(
            locked ->
                request.objectLockMode(locked.mode()).objectLockRetainUntilDate(locked.until()));
    return bucket.ask(doing, client -> client.createMultipartUpload(request.build()).uploadId());
  }

  /// An upload of this object that was neither completed nor aborted, with its parts that are what
  /// would be sent again: by number, size and the checksum that the server has proven.
  private record Begun(String upload, List<CompletedPart> parts) {
    void into(CompletedPart[] done) {
      parts.forEach(part -> done[part.partNumber() - 1] = part);
    }
  }

  /// Empty as well when this login may not ask.
  private Optional<Begun> begun() {
    try {
      return mostOf();
    } catch (StoreException e) {
      if (e.reason() != Reason.DENIED) {
        throw e;
      }
      logger.log(System.Logger.Level.WARNING, "event=upload_not_resumed object=" + put.object(), e);
      return Optional.empty();
    }
  }

  private Optional<Begun> mostOf() {
    String key = bucket.key(put.object());
    List<MultipartUpload> uploads =
        bucket.ask(
            doing,
            client ->
                client
                    .listMultipartUploadsPaginator(
                        request -> request.bucket(bucket.name()).prefix(key))
                    .uploads()
                    .stream()
                    .filter(upload -> upload.key().equals(key))
                    .toList());
    Optional<Begun> best =
        uploads.stream()
            .map(upload -> new Begun(upload.uploadId(), usable(key, upload.uploadId())))
            .max(Comparator.comparingInt(upload -> upload.parts().size()));
    best.ifPresent(
        upload ->
            logger.log(
                System.Logger.Level.INFO,
                "event=upload_resumed object=%s parts=%d of=%d"
                    .formatted(put.object(), upload.parts().size(), source.parts().size())));
    return best;
  }

  private List<CompletedPart> usable(String key, String upload) {
    return bucket.ask(
        doing,
        client ->
            client
                .listPartsPaginator(
                    request -> request.bucket(bucket.name()).key(key).uploadId(upload))
                .parts()
                .stream()
                .filter(this::isWhatWouldBeSent)
                .map(
                    part ->
                        CompletedPart.builder()
                            .partNumber(part.partNumber())
                            .eTag(part.eTag())
                            .checksumCRC32C(part.checksumCRC32C())
                            .build())
                .toList());
  }

  private boolean isWhatWouldBeSent(Part part) {
    return part.partNumber() <= source.parts().size()
        && source.parts().get(part.partNumber() - 1).bytes() == part.size()
        && source.parts().get(part.partNumber() - 1).crc32c().equals(part.checksumCRC32C());
  }

  private List<CompletedPart> parts(String upload, CompletedPart[] done) {
    AtomicInteger next = new AtomicInteger();
    try (ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("s3-part-", 0).factory())) {
      List<Future<?>> workers = new ArrayList<>();
      for (int worker = 0; worker < AT_ONCE; worker++) {
        workers.add(threads.submit(() -> sendParts(upload, next, done)));
      }
      await(workers, threads);
    }
    return Arrays.asList(done);
  }

  private void await(List<Future<?>> workers, ExecutorService threads) {
    try {
      for (Future<?> worker : workers) {
        worker.get();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      List<Runnable> _ = threads.shutdownNow();
      Thread.currentThread().interrupt();
      throw new StoreException(Reason.UNAVAILABLE, doing + ": told to stop", e);
    }
  }

  private void sendParts(String upload, AtomicInteger next, CompletedPart[] done) {
    boolean whole = false;
    try {
      for (int part = next.getAndIncrement(); part < done.length; part = next.getAndIncrement()) {
        if (done[part] == null) {
          done[part] = send(upload, source.parts().get(part));
        }
      }
      whole = true;
    } finally {
      if (!whole) {
        // The other one need not begin another part.
        next.set(done.length);
      }
    }
  }

  private CompletedPart send(String upload, Source.Part part) {
    UploadPartRequest request =
        UploadPartRequest.builder()
            .bucket(bucket.name())
            .key(bucket.key(put.object()))
            .uploadId(upload)
            .partNumber(part.number())
            .checksumAlgorithm(ChecksumAlgorithm.CRC32_C)
            .checksumCRC32C(part.crc32c())
            .overrideConfiguration(
                override ->
                    override.apiCallAttemptTimeout(Clients.attempt(bucket.config(), part.bytes())))
            .build();
    String etag = bucket.ask(doing, client -> client.uploadPart(request, source.body(part)).eTag());
    return CompletedPart.builder()
        .partNumber(part.number())
        .eTag(etag)
        .checksumCRC32C(part.crc32c())
        .build();
  }

  private Put.Answer complete(String upload, List<CompletedPart> parts) {
    CompleteMultipartUploadRequest request =
        CompleteMultipartUploadRequest.builder()
            .bucket(bucket.name())
            .key(bucket.key(put.object()))
            .uploadId(upload)
            .ifNoneMatch("*")
            .multipartUpload(whole -> whole.parts(parts))
            .checksumCRC32C(source.crc32c())
            .checksumType(ChecksumType.FULL_OBJECT)
            .mpuObjectSize(source.bytes())
            .build();
    return put.completed(
        again ? Optional.of(source.crc32c()) : Optional.empty(),
        () -> {
          var stored = bucket.client().completeMultipartUpload(request);
          return new Put.Answer(stored.versionId(), stored.checksumCRC32C());
        });
  }

  /// What cannot be aborted now is removed a day later.
  private void abort(String upload) {
    // An interrupted thread could not ask; the interrupt is given back at the end.
    boolean interrupted = Thread.interrupted();
    try {
      var _ =
          bucket.ask(
              "cannot abort the upload of " + bucket.place(put.object()),
              client ->
                  client.abortMultipartUpload(
                      request ->
                          request
                              .bucket(bucket.name())
                              .key(bucket.key(put.object()))
                              .uploadId(upload)));
    } catch (StoreException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        logger.log(System.Logger.Level.WARNING, "event=abort_failed object=" + put.object(), e);
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
