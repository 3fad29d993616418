package dev.lifeboat.lab;

import dev.lifeboat.sandbox.FreePorts;
import dev.lifeboat.sandbox.LeashedProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.ObjectLockEnabled;
import software.amazon.awssdk.services.s3.model.ObjectLockRetentionMode;

/// A MinIO server on loopback with a folder of its own, a region and a key of its own KMS.
public final class Minio implements AutoCloseable {
  public static final String REGION = "eu-lab-1";
  public static final String KMS_KEY = "lab-key";

  private static final String USER = "lab-admin";
  private static final String PASSWORD = "lab-only-password";
  private static final int KEY_BYTES = 32;
  private static final Duration START = Duration.ofSeconds(30);

  private final Path folder;
  private final URI endpoint;
  private final LeashedProcess process;

  private Minio(Path folder, URI endpoint, LeashedProcess process) {
    this.folder = folder;
    this.endpoint = endpoint;
    this.process = process;
  }

  /// Returns when it answers.
  ///
  /// @param folder is made; its data, its log and the credential files lie there
  public static Minio start(Path folder) {
    Folders.create(folder.resolve("data"));
    Folders.writeSecret(folder.resolve("access-key"), USER);
    Folders.writeSecret(folder.resolve("secret-key"), PASSWORD);
    try (var ports = FreePorts.reserve(InetAddress.getLoopbackAddress(), 2)) {
      return start(folder, ports.next(), ports.next());
    }
  }

  /// The same server once more, after [#stop]: its data, its address.
  public Minio again() {
    try (var ports = FreePorts.reserve(InetAddress.getLoopbackAddress(), 1)) {
      return start(folder, endpoint.getPort(), ports.next());
    }
  }

  private static Minio start(Path folder, int port, int console) {
    var log = folder.resolve("minio.log");
    var process =
        LeashedProcess.start(
            new LeashedProcess.Invocation(
                List.of(
                    Servers.minio().toString(),
                    "server",
                    "--quiet",
                    "--address",
                    "127.0.0.1:" + port,
                    "--console-address",
                    "127.0.0.1:" + console,
                    folder.resolve("data").toString()),
                folder,
                environment(folder),
                log,
                log));
    var minio = new Minio(folder, URI.create("http://127.0.0.1:" + port), process);
    minio.awaitReady();
    return minio;
  }

  private static Map<String, String> environment(Path folder) {
    var environment = new HashMap<String, String>();
    environment.put("HOME", folder.toString());
    environment.put("PATH", "/usr/bin:/bin");
    environment.put("MINIO_ROOT_USER", USER);
    environment.put("MINIO_ROOT_PASSWORD", PASSWORD);
    environment.put("MINIO_SITE_REGION", REGION);
    environment.put("MINIO_BROWSER", "off");
    environment.put("MINIO_UPDATE", "off");
    environment.put(
        "MINIO_KMS_SECRET_KEY",
        KMS_KEY + ":" + Base64.getEncoder().encodeToString(new byte[KEY_BYTES]));
    return environment;
  }

  private void awaitReady() {
    var request = HttpRequest.newBuilder(endpoint.resolve("/minio/health/ready")).build();
    try (var client = HttpClient.newHttpClient()) {
      Await.until(
          "MinIO to be ready, see " + folder.resolve("minio.log"),
          START,
          () -> {
            if (!process.alive()) {
              throw new LabException("MinIO ended, see " + folder.resolve("minio.log"));
            }
            return ready(client, request);
          });
    }
  }

  private static boolean ready(HttpClient client, HttpRequest request) {
    try {
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  public URI endpoint() {
    return endpoint;
  }

  public Path accessKeyFile() {
    return folder.resolve("access-key");
  }

  public Path secretKeyFile() {
    return folder.resolve("secret-key");
  }

  /// The lines of a store block that logs in here.
  public String storeBlock(String bucket) {
    return """
    type = s3, bucket = "%s", region = "%s", endpoint = "%s", path-style = true
    credentials = files
    access-key { file = "%s" }, secret-key { file = "%s" }
    """
        .formatted(bucket, REGION, endpoint, accessKeyFile(), secretKeyFile());
  }

  /// A client that is not Lifeboat's, with every right. The caller closes it.
  public S3Client client() {
    return S3Client.builder()
        .endpointOverride(endpoint)
        .forcePathStyle(true)
        .region(Region.of(REGION))
        .httpClient(UrlConnectionHttpClient.create())
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create(USER, PASSWORD)))
        .build();
  }

  public enum Kind {
    PLAIN,
    VERSIONED,
    LOCKED
  }

  /// Makes an empty bucket.
  public String bucket(String name, Kind kind) {
    try (var client = client()) {
      var _ =
          client.createBucket(
              request -> request.bucket(name).objectLockEnabledForBucket(kind == Kind.LOCKED));
      if (kind == Kind.VERSIONED) {
        var _ =
            client.putBucketVersioning(
                request ->
                    request
                        .bucket(name)
                        .versioningConfiguration(
                            versioning -> versioning.status(BucketVersioningStatus.ENABLED)));
      }
    }
    return name;
  }

  /// From now on everything that is put there is locked by itself.
  ///
  /// @param bucket of the kind `LOCKED`
  public void defaultRetention(String bucket, ObjectLockRetentionMode mode, int days) {
    try (var client = client()) {
      var _ =
          client.putObjectLockConfiguration(
              request ->
                  request
                      .bucket(bucket)
                      .objectLockConfiguration(
                          lock ->
                              lock.objectLockEnabled(ObjectLockEnabled.ENABLED)
                                  .rule(
                                      rule ->
                                          rule.defaultRetention(
                                              keep -> keep.mode(mode).days(days)))));
    }
  }

  /// It does not answer any more; its data stays.
  public void stop() {
    process.close();
  }

  @Override
  public void close() {
    stop();
  }
}
