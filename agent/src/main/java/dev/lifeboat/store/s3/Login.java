package dev.lifeboat.store.s3;

import dev.lifeboat.config.SecretSource;
import dev.lifeboat.store.S3Config.Credentials;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.StoreException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
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
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.auth.StsWebIdentityTokenFileCredentialsProvider;

/// How every client of AWS reaches it and says who it is: the S3 stores and KMS.
///
/// @param who for messages: `store NAME`, `kms NAME`
/// @param caFile PEM; the JDK's certificate authorities when absent
public record Login(
    String who, Optional<String> configuredRegion, Optional<URI> endpoint, Optional<Path> caFile) {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final int DETAIL_MAX = 200;

  /// Empty: the SDK's own search.
  public Optional<Region> region() {
    return configuredRegion.or(() -> endpoint.map(_ -> Region.US_EAST_1.id())).map(Region::of);
  }

  /// @param stall how long the server may be silent
  public SdkHttpClient http(Duration stall) {
    var builder = UrlConnectionHttpClient.builder().connectionTimeout(CONNECT).socketTimeout(stall);
    caFile.ifPresent(
        file -> {
          TrustManager[] trusted = trust(file);
          builder.tlsTrustManagersProvider(() -> trusted);
        });
    return builder.build();
  }

  private TrustManager[] trust(Path file) {
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
          "%s: cannot read the certificates in %s: %s\nhint: ca-file must be PEM"
              .formatted(who, file, e.getMessage()),
          e);
    }
  }

  /// Makes a client that goes there, as this user; retries and times are the caller's.
  ///
  /// @param stall how long the server may be silent
  public <B extends AwsSyncClientBuilder<B, C> & AwsClientBuilder<B, C>, C> C client(
      B builder, Credentials credentials, Duration stall) {
    builder.httpClient(http(stall)).credentialsProvider(provider(credentials, stall));
    endpoint.ifPresent(builder::endpointOverride);
    region().ifPresent(builder::region);
    return builder.build();
  }

  /// One line of what AWS or its SDK says, not too long.
  public static String brief(Throwable thrown) {
    String line = String.valueOf(thrown.getMessage()).replaceAll("\\p{Cntrl}+", " ").strip();
    return line.length() > DETAIL_MAX ? line.substring(0, DETAIL_MAX) + "…" : line;
  }

  /// @param stall how long the server may be silent that gives credentials
  public AwsCredentialsProvider provider(Credentials credentials, Duration stall) {
    return switch (credentials) {
      case Credentials.Default() -> DefaultCredentialsProvider.builder().build();
      case Credentials.Profile(String profile) -> ProfileCredentialsProvider.create(profile);
      case Credentials.Files files -> () -> read(files);
      case Credentials.WebIdentity(String roleArn, Path tokenFile) -> {
        var sts = StsClient.builder().httpClient(http(stall));
        region().ifPresent(sts::region);
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
