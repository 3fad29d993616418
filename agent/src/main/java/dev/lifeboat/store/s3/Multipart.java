package dev.lifeboat.store.s3;

import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.StoreException.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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

  private Multipart(Put put, Source source) {
    this.put = put;
    this.source = source;
    this.bucket = put.bucket();
    this.doing = "cannot store " + bucket.place(put.object());
  }

  static Put.Answer send(Put put, Source source) {
    return new Multipart(put, source).send();
  }

  private Put.Answer send() {
    String upload = begin();
    boolean completed = false;
    try {
      Put.Answer answer = complete(upload, parts(upload));
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

  private List<CompletedPart> parts(String upload) {
    AtomicInteger next = new AtomicInteger();
    CompletedPart[] done = new CompletedPart[source.parts().size()];
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
        done[part] = send(upload, source.parts().get(part));
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
