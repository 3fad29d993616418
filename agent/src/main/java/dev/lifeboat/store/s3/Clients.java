package dev.lifeboat.store.s3;

import dev.lifeboat.archive.NativeCrypto;
import dev.lifeboat.store.S3Config;
import java.time.Duration;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/// Makes the SDK's client of one store.
final class Clients {
  private static final int ATTEMPTS = 4;
  // Slower than this for a whole part, and the attempt is given up as a hanging one.
  private static final long BYTES_PER_SECOND_MIN = 128 << 10;

  private Clients() {}

  /// Asks nobody for anything yet.
  static S3Client open(String store, S3Config config) {
    // Before the SDK makes its first digest: it keeps that and copies it ever after, and hashes
    // each
    // part for the signature where there is no TLS. With the JDK's, under C1, that was half the
    // time
    // of an upload.
    var _ = NativeCrypto.use();
    Login login = new Login("store " + store, config.region(), config.endpoint(), config.caFile());
    S3ClientBuilder builder =
        S3Client.builder()
            .httpClient(login.http(config.stallTimeout()))
            .credentialsProvider(login.provider(config.credentials(), config.stallTimeout()))
            .forcePathStyle(config.pathStyle())
            // Every object carries a checksum of ours; a second one of the SDK's would only be
            // refused by servers that do not know its algorithm.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .serviceConfiguration(service -> service.chunkedEncodingEnabled(false))
            .overrideConfiguration(
                override ->
                    override
                        .retryStrategy(
                            AwsRetryStrategy.standardRetryStrategy().toBuilder()
                                .maxAttempts(ATTEMPTS)
                                .build())
                        .apiCallAttemptTimeout(attempt(config, 0)));
    config.endpoint().ifPresent(builder::endpointOverride);
    login.region().ifPresent(builder::region);
    return builder.build();
  }

  /// How long one attempt may take that sends so many bytes: a write into a connection whose other
  /// end is gone blocks without a timeout of its own.
  static Duration attempt(S3Config config, long bytes) {
    return config.stallTimeout().plusSeconds(bytes / BYTES_PER_SECOND_MIN);
  }
}
