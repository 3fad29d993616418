package dev.lifeboat.store;

import dev.lifeboat.config.ByteSize;
import dev.lifeboat.config.SecretSource;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A bucket of S3 or of a server that speaks its language.
///
/// @param prefix of every key; empty or ending in a slash
/// @param controlBucket where claims, pins and results of verifications lie, below the same prefix;
///   the same bucket when absent
/// @param region the SDK's own search when absent, or `us-east-1` with an endpoint
/// @param endpoint AWS when absent
/// @param pathStyle the bucket in the path, not in the host name
/// @param caFile PEM; the JDK's certificate authorities when absent
/// @param partSize from here on an object is sent in parts of this size
/// @param stallTimeout how long a server may be silent
public record S3Config(
    String bucket,
    String prefix,
    Optional<String> controlBucket,
    Optional<String> region,
    Optional<URI> endpoint,
    boolean pathStyle,
    Optional<Path> caFile,
    Credentials credentials,
    Encryption encryption,
    Lock lock,
    ByteSize partSize,
    Duration stallTimeout)
    implements StoreConfig.Where {

  /// Who we are. In the configuration `credentials = default | profile | files | web-identity`.
  public sealed interface Credentials {
    /// Whatever the SDK finds: environment, profile, container, instance.
    record Default() implements Credentials {}

    record Profile(String profile) implements Credentials {}

    /// Read anew for every request that is signed.
    record Files(
        SecretSource accessKey, SecretSource secretKey, Optional<SecretSource> sessionToken)
        implements Credentials {}

    record WebIdentity(String roleArn, Path tokenFile) implements Credentials {}
  }

  /// SSE-KMS when there is a key, otherwise what the bucket does by itself.
  public record Encryption(Optional<String> kmsKey, Map<String, String> context) {
    public static final Encryption NONE = new Encryption(Optional.empty(), Map.of());

    public Encryption {
      context = Collections.unmodifiableMap(new TreeMap<>(context));
    }
  }

  public enum LockMode {
    NONE,
    GOVERNANCE,
    COMPLIANCE
  }

  /// Until when nobody can delete an object: this many days after it was put.
  public record Lock(LockMode mode, int days) {
    public static final Lock NONE = new Lock(LockMode.NONE, 0);
  }

  /// The same for the control bucket, where nothing is locked; empty without one.
  public Optional<S3Config> control() {
    return controlBucket.map(
        name ->
            new S3Config(
                name,
                prefix,
                Optional.empty(),
                region,
                endpoint,
                pathStyle,
                caFile,
                credentials,
                encryption,
                Lock.NONE,
                partSize,
                stallTimeout));
  }

  @Override
  public String place() {
    return endpoint.map(URI::toString).orElse("aws") + "/" + bucket + "/" + prefix;
  }

  @Override
  public Set<String> places() {
    return Stream.concat(Stream.of(place()), control().map(S3Config::place).stream())
        .collect(Collectors.toUnmodifiableSet());
  }
}
