package dev.lifeboat.store.s3;

import dev.lifeboat.config.SecretException;
import dev.lifeboat.store.S3Config;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.StoreException.Reason;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

/// The bucket as one store sees it: how it is asked, and how objects become keys. The client is
/// made at the first question, so that an agent starts without it.
final class Bucket implements AutoCloseable {
  private final String store;
  private final S3Config config;
  private final Failures failures;
  private @Nullable S3Client client;
  private boolean closed;

  Bucket(String store, S3Config config) {
    this.store = store;
    this.config = config;
    this.failures = new Failures(store, config);
  }

  S3Config config() {
    return config;
  }

  String name() {
    return config.bucket();
  }

  String key(String object) {
    return config.prefix() + Store.checkedName(object);
  }

  /// The object of a key; empty for what is not one of ours.
  Optional<String> object(String key) {
    return key.startsWith(config.prefix())
        ? Optional.of(key.substring(config.prefix().length())).filter(Store::isName)
        : Optional.empty();
  }

  /// As messages name it.
  String place(String object) {
    return "s3://%s/%s%s".formatted(config.bucket(), config.prefix(), object);
  }

  synchronized S3Client client() {
    if (closed) {
      throw new IllegalStateException("store " + store + " is closed");
    }
    S3Client open = client == null ? Clients.open(store, config) : client;
    client = open;
    return open;
  }

  /// Asks; what goes wrong is a [StoreException] that begins with `doing`.
  <T> T ask(String doing, Function<S3Client, T> request) {
    try {
      return request.apply(client());
    } catch (SdkException | SecretException | UncheckedIOException e) {
      throw failure(doing, e);
    }
  }

  StoreException failure(String doing, RuntimeException e) {
    return e instanceof UncheckedIOException io
        ? new StoreException(
            Reason.UNAVAILABLE, "store %s: %s: %s".formatted(store, doing, io.getCause()), io)
        : failures.of(doing, e);
  }

  StoreException failure(Reason reason, String message) {
    return new StoreException(reason, "store %s: %s".formatted(store, message));
  }

  String lockless() {
    return failures.lockless();
  }

  /// What the server says of the newest version; empty when there is none, or none to be seen.
  Optional<HeadObjectResponse> head(String object) {
    try {
      return Optional.of(
          client()
              .headObject(
                  request ->
                      request.bucket(name()).key(key(object)).checksumMode(ChecksumMode.ENABLED)));
    } catch (SdkException | SecretException e) {
      StoreException failure = failure("cannot look at " + place(object), e);
      if (failure.reason() == Reason.NOT_FOUND) {
        return Optional.empty();
      }
      throw failure;
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (client != null) {
      client.close();
    }
  }
}
