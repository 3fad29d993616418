package dev.lifeboat.store.s3;

import dev.lifeboat.config.SecretSource;
import dev.lifeboat.store.S3Config;
import dev.lifeboat.store.S3Config.Credentials;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.StoreException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.auth.StsWebIdentityTokenFileCredentialsProvider;

/// Makes the SDK's client of one store.
final class Clients {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final int ATTEMPTS = 4;
  // Slower than this for a whole part, and the attempt is given up as a hanging one.
  private static final long BYTES_PER_SECOND_MIN = 128 << 10;

  private Clients() {}

  /// Asks nobody for anything yet.
  static S3Client open(String store, S3Config config) {
    S3ClientBuilder builder =
        S3Client.builder()
            .httpClient(http(store, config))
            .credentialsProvider(credentials(store, config))
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
    region(config).ifPresent(builder::region);
    return builder.build();
  }

  /// How long one attempt may take that sends so many bytes: a write into a connection whose other
  /// end is gone blocks without a timeout of its own.
  static Duration attempt(S3Config config, long bytes) {
    return config.stallTimeout().plusSeconds(bytes / BYTES_PER_SECOND_MIN);
  }

  private static Optional<Region> region(S3Config config) {
    return config
        .region()
        .or(() -> config.endpoint().map(_ -> Region.US_EAST_1.id()))
        .map(Region::of);
  }

  private static SdkHttpClient http(String store, S3Config config) {
    var builder =
        UrlConnectionHttpClient.builder()
            .connectionTimeout(CONNECT)
            .socketTimeout(config.stallTimeout());
    config
        .caFile()
        .ifPresent(
            file -> {
              TrustManager[] trusted = trust(store, file);
              builder.tlsTrustManagersProvider(() -> trusted);
            });
    return builder.build();
  }

  private static TrustManager[] trust(String store, Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      KeyStore authorities = KeyStore.getInstance(KeyStore.getDefaultType());
      authorities.load(null, null);
      for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        authorities.setCertificateEntry("ca-" + authorities.size(), each);
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(authorities);
      return factory.getTrustManagers();
    } catch (IOException | GeneralSecurityException e) {
      throw new StoreException(
          Reason.UNAVAILABLE,
          "store %s: cannot read the certificates in %s: %s\nhint: ca-file must be PEM"
              .formatted(store, file, e.getMessage()),
          e);
    }
  }

  private static AwsCredentialsProvider credentials(String store, S3Config config) {
    return switch (config.credentials()) {
      case Credentials.Default() -> DefaultCredentialsProvider.builder().build();
      case Credentials.Profile(String profile) -> ProfileCredentialsProvider.create(profile);
      case Credentials.Files files -> () -> read(files);
      case Credentials.WebIdentity(String roleArn, Path tokenFile) -> {
        var sts = StsClient.builder().httpClient(http(store, config));
        region(config).ifPresent(sts::region);
        yield StsWebIdentityTokenFileCredentialsProvider.builder()
            .stsClient(sts.build())
            .roleArn(roleArn)
            .roleSessionName("lifeboat")
            .webIdentityTokenFile(tokenFile)
            .build();
      }
    };
  }

  private static AwsCredentials read(Credentials.Files files) {
    String access = files.accessKey().read().reveal();
    String secret = files.secretKey().read().reveal();
    Optional<SecretSource> session = files.sessionToken();
    return session.isPresent()
        ? AwsSessionCredentials.create(access, secret, session.get().read().reveal())
        : AwsBasicCredentials.create(access, secret);
  }
}
