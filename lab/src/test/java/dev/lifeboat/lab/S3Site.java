package dev.lifeboat.lab;

import dev.lifeboat.config.ByteSize;
import dev.lifeboat.config.SecretSource;
import dev.lifeboat.store.S3Config;
import dev.lifeboat.store.S3Config.Credentials;
import dev.lifeboat.store.S3Config.Encryption;
import dev.lifeboat.store.S3Config.Lock;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.s3.S3Store;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/// A store in a bucket of one MinIO, as a test wants it.
record S3Site(
    Minio minio,
    URI endpoint,
    String bucket,
    String prefix,
    String region,
    boolean encrypted,
    Lock lock,
    Duration stallTimeout,
    Optional<String> control) {

  /// Parts as small as S3 lets them be.
  static final ByteSize PART = ByteSize.mebibytes(5);

  static S3Site in(Minio minio, String bucket, String prefix) {
    return new S3Site(
        minio,
        minio.endpoint(),
        bucket,
        prefix,
        Minio.REGION,
        false,
        Lock.NONE,
        Duration.ofSeconds(10),
        Optional.empty());
  }

  S3Site withControl(String other) {
    return new S3Site(
        minio, endpoint, bucket, prefix, region, encrypted, lock, stallTimeout, Optional.of(other));
  }

  S3Site through(FaultProxy proxy) {
    return new S3Site(
        minio,
        proxy.address(),
        bucket,
        prefix,
        region,
        encrypted,
        lock,
        Duration.ofSeconds(1),
        control);
  }

  S3Site patient() {
    return new S3Site(
        minio, endpoint, bucket, prefix, region, encrypted, lock, Duration.ofMinutes(1), control);
  }

  S3Site locked(Lock wanted) {
    return new S3Site(
        minio, endpoint, bucket, prefix, region, encrypted, wanted, stallTimeout, control);
  }

  S3Site withKms() {
    return new S3Site(minio, endpoint, bucket, prefix, region, true, lock, stallTimeout, control);
  }

  S3Site inRegion(String other) {
    return new S3Site(
        minio, endpoint, bucket, prefix, other, encrypted, lock, stallTimeout, control);
  }

  S3Site inBucket(String other) {
    return new S3Site(
        minio, endpoint, other, prefix, region, encrypted, lock, stallTimeout, control);
  }

  Store open() {
    return open(
        new Credentials.Files(
            new SecretSource.FromFile(minio.accessKeyFile()),
            new SecretSource.FromFile(minio.secretKeyFile()),
            Optional.empty()),
        Minio.KMS_KEY);
  }

  Store open(Credentials credentials, String kmsKey) {
    return S3Store.open(
        "bucket",
        new S3Config(
            bucket,
            prefix,
            control,
            Optional.of(region),
            Optional.of(endpoint),
            true,
            Optional.empty(),
            credentials,
            encrypted
                ? new Encryption(Optional.of(kmsKey), Map.of("cluster", "lab"))
                : Encryption.NONE,
            lock,
            PART,
            stallTimeout),
        InstantSource.system());
  }
}
