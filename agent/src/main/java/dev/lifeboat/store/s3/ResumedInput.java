package dev.lifeboat.store.s3;

import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.StoreException.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/// One object from its first byte to its last: a body that breaks off is asked for again from where
/// it ended, on the condition that it is still the same object. [StoreException] with `UNAVAILABLE`
/// when that did not help.
final class ResumedInput extends InputStream {
  private static final System.Logger logger = System.getLogger(ResumedInput.class.getName());
  private static final int RESUMPTIONS = 5;
  // A longer object may break off more often.
  private static final int BYTES_PER_RESUMPTION_SHIFT = 26;

  private final Bucket bucket;
  private final String object;
  private final @Nullable String version;
  private final long length;
  private final String etag;
  private ResponseInputStream<GetObjectResponse> body;
  private long at;
  private long resumptions;

  private ResumedInput(
      Bucket bucket,
      String object,
      @Nullable String version,
      ResponseInputStream<GetObjectResponse> body) {
    this.bucket = bucket;
    this.object = object;
    this.version = version;
    this.body = body;
    this.length = body.response().contentLength();
    this.etag = body.response().eTag();
  }

  static ResumedInput open(Bucket bucket, String object, @Nullable String version) {
    GetObjectRequest request =
        GetObjectRequest.builder()
            .bucket(bucket.name())
            .key(bucket.key(object))
            .versionId(version)
            .build();
    return new ResumedInput(
        bucket, object, version, bucket.ask(doing(bucket, object), c -> c.getObject(request)));
  }

  private static String doing(Bucket bucket, String object) {
    return "cannot read " + bucket.place(object);
  }

  long length() {
    return length;
  }

  @Override
  public int read() {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int count) {
    if (count == 0) {
      return 0;
    }
    while (at < length) {
      IOException broken;
      try {
        int read = body.read(into, offset, (int) Math.min(count, length - at));
        if (read > 0) {
          at += read;
          return read;
        }
        broken = new EOFException("the body ended at byte %d of %d".formatted(at, length));
      } catch (IOException e) {
        broken = e;
      }
      resume(broken);
    }
    return -1;
  }

  private void resume(IOException broken) {
    body.abort();
    resumptions++;
    if (resumptions > RESUMPTIONS + (length >> BYTES_PER_RESUMPTION_SHIFT)
        || Thread.currentThread().isInterrupted()) {
      StoreException failure =
          bucket.failure(
              Reason.UNAVAILABLE,
              "%s: broke off at byte %d of %d, %d times\nhint: look at the network between here %s"
                  .formatted(
                      doing(bucket, object), at, length, resumptions, "and the server; try again"));
      failure.addSuppressed(broken);
      throw failure;
    }
    logger.log(
        System.Logger.Level.INFO,
        "event=read_resumed object={0} at={1} why=\"{2}\"",
        object,
        Long.toString(at),
        String.valueOf(broken.getMessage()));
    GetObjectRequest rest =
        GetObjectRequest.builder()
            .bucket(bucket.name())
            .key(bucket.key(object))
            .versionId(version)
            .range("bytes=%d-".formatted(at))
            .ifMatch(etag)
            .build();
    body = bucket.ask(doing(bucket, object), client -> client.getObject(rest));
  }

  @Override
  public int available() throws IOException {
    return at < length ? body.available() : 0;
  }

  /// Closing a body half-way would read the rest of it first.
  @Override
  public void close() throws IOException {
    if (at < length) {
      body.abort();
    } else {
      body.close();
    }
  }
}
