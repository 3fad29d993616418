package dev.lifeboat.lab;

import dev.lifeboat.config.Secret;
import dev.lifeboat.sandbox.FreePorts;
import dev.lifeboat.sandbox.LeashedProcess;
import dev.lifeboat.sandbox.ServerConfig.KmsSeal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.route53.Route53Client;
import software.amazon.awssdk.services.route53.model.Change;
import software.amazon.awssdk.services.route53.model.ChangeAction;
import software.amazon.awssdk.services.route53.model.RRType;
import software.amazon.awssdk.services.route53.model.ResourceRecord;
import software.amazon.awssdk.services.route53.model.ResourceRecordSet;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/// A server on loopback that answers as AWS KMS, Secrets Manager and Route 53 do, with all of it in
/// memory. It lets everybody do everything: rights cannot be tested against it.
public final class Moto implements AutoCloseable {
  public static final String REGION = "eu-central-1";

  private static final String ACCESS_KEY = "lab-access-key";
  private static final String SECRET_KEY = "lab-only-secret";
  private static final Duration START = Duration.ofSeconds(60);

  private final Path folder;
  private final URI endpoint;
  private final LeashedProcess process;

  private Moto(Path folder, URI endpoint, LeashedProcess process) {
    this.folder = folder;
    this.endpoint = endpoint;
    this.process = process;
  }

  /// Returns when it answers.
  ///
  /// @param folder is made; its log and the credential files lie there
  public static Moto start(Path folder) {
    Path libraries = Checkout.tools().resolve("moto");
    if (!Files.isDirectory(libraries)) {
      throw new LabException("moto is not installed\nhint: lab/servers/install moto");
    }
    Folders.create(folder);
    Folders.writeSecret(folder.resolve("access-key"), ACCESS_KEY);
    Folders.writeSecret(folder.resolve("secret-key"), SECRET_KEY);
    int port;
    try (var ports = FreePorts.reserve(InetAddress.getLoopbackAddress(), 1)) {
      port = ports.next();
    }
    var log = folder.resolve("moto.log");
    var process =
        LeashedProcess.start(
            new LeashedProcess.Invocation(
                List.of(
                    "python3",
                    "-c",
                    "from moto.server import main; main()",
                    "-H",
                    "127.0.0.1",
                    "-p",
                    Integer.toString(port)),
                folder,
                Map.of(
                    "HOME",
                    folder.toString(),
                    "PATH",
                    "/usr/local/bin:/usr/bin:/bin",
                    "PYTHONDONTWRITEBYTECODE",
                    "1",
                    "PYTHONPATH",
                    libraries.toString()),
                log,
                log));
    var moto = new Moto(folder, URI.create("http://127.0.0.1:" + port), process);
    moto.awaitReady();
    return moto;
  }

  private void awaitReady() {
    var request = HttpRequest.newBuilder(endpoint.resolve("/moto-api/")).build();
    try (var client = HttpClient.newHttpClient()) {
      Await.until(
          "moto to be ready, see " + folder.resolve("moto.log"),
          START,
          () -> {
            if (!process.alive()) {
              throw new LabException("moto ended, see " + folder.resolve("moto.log"));
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

  /// Makes a key with this alias (`alias/…`); its ARN.
  public String key(String alias) {
    try (var client = client()) {
      var key = client.createKey(request -> {}).keyMetadata();
      var _ = client.createAlias(request -> request.aliasName(alias).targetKeyId(key.keyId()));
      return key.arn();
    }
  }

  /// Makes a bucket; moto is an S3 as well, of a kind: it stores what has a wrong checksum.
  public String bucket(String name) {
    try (var client =
        S3Client.builder()
            .endpointOverride(endpoint)
            .region(Region.of(REGION))
            .forcePathStyle(true)
            .httpClient(UrlConnectionHttpClient.create())
            .credentialsProvider(
                StaticCredentialsProvider.create(
                    AwsBasicCredentials.create(ACCESS_KEY, SECRET_KEY)))
            .build()) {
      var _ =
          client.createBucket(
              request ->
                  request
                      .bucket(name)
                      .createBucketConfiguration(where -> where.locationConstraint(REGION)));
    }
    return name;
  }

  /// By which a node opens itself here.
  public KmsSeal seal(String key) {
    return new KmsSeal(REGION, key, endpoint, new Secret(ACCESS_KEY), new Secret(SECRET_KEY));
  }

  /// Makes a secret.
  public void secret(String name, Secret text) {
    try (var client =
        SecretsManagerClient.builder()
            .endpointOverride(endpoint)
            .region(Region.of(REGION))
            .httpClient(UrlConnectionHttpClient.create())
            .credentialsProvider(
                StaticCredentialsProvider.create(
                    AwsBasicCredentials.create(ACCESS_KEY, SECRET_KEY)))
            .build()) {
      var _ = client.createSecret(request -> request.name(name).secretString(text.reveal()));
    }
  }

  private Route53Client names() {
    return Route53Client.builder()
        .endpointOverride(endpoint)
        .region(Region.AWS_GLOBAL)
        .httpClient(UrlConnectionHttpClient.create())
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create(ACCESS_KEY, SECRET_KEY)))
        .build();
  }

  /// Makes a hosted zone; its id.
  public String zone(String name) {
    try (var client = names()) {
      var zone =
          client
              .createHostedZone(request -> request.name(name).callerReference(name))
              .hostedZone()
              .id();
      return zone.substring(zone.lastIndexOf('/') + 1);
    }
  }

  /// Makes a record with this answer, which resolvers keep for five minutes.
  public void record(String zone, String name, String address) {
    var record =
        ResourceRecordSet.builder()
            .name(name)
            .type(RRType.A)
            .ttl(300L)
            .resourceRecords(ResourceRecord.builder().value(address).build())
            .build();
    var change = Change.builder().action(ChangeAction.CREATE).resourceRecordSet(record).build();
    try (var client = names()) {
      var _ =
          client.changeResourceRecordSets(
              request -> request.hostedZoneId(zone).changeBatch(batch -> batch.changes(change)));
    }
  }

  /// What the name answers, as whoever resolves it would learn.
  public String answer(String zone, String name) {
    try (var client = names()) {
      return client
          .listResourceRecordSets(request -> request.hostedZoneId(zone))
          .resourceRecordSets()
          .stream()
          .filter(record -> record.name().equals(name + "."))
          .flatMap(record -> record.resourceRecords().stream())
          .map(ResourceRecord::value)
          .collect(Collectors.joining(","));
    }
  }

  /// The lines of `restore.record` that log in here.
  public String recordBlock(String zone, String name) {
    return """
    restore.record {
      zone = "%s", name = "%s", ttl = 1s, endpoint = "%s", credentials = files
      access-key { file = "%s" }, secret-key { file = "%s" }
    }
    """
        .formatted(zone, name, endpoint, accessKeyFile(), secretKeyFile());
  }

  public Path accessKeyFile() {
    return folder.resolve("access-key");
  }

  public Path secretKeyFile() {
    return folder.resolve("secret-key");
  }

  /// The lines of `unseal.aws` that log in here.
  public String unsealBlock() {
    return """
    unseal.aws {
      region = "%s", endpoint = "%s", credentials = files
      access-key { file = "%s" }, secret-key { file = "%s" }
    }
    """
        .formatted(REGION, endpoint, accessKeyFile(), secretKeyFile());
  }

  /// The lines of a block of `backup.kms` that logs in here, with the same for decryption.
  public String block(String key) {
    var credentials =
        """
        credentials = files
        access-key { file = "%s" }, secret-key { file = "%s" }
        """
            .formatted(folder.resolve("access-key"), folder.resolve("secret-key"));
    return """
    key = "%s", region = "%s", endpoint = "%s"
    %sdecrypt {
    %s}
    """
        .formatted(key, REGION, endpoint, credentials, credentials);
  }

  /// A client that is not Lifeboat's, with every right. The caller closes it.
  public KmsClient client() {
    return KmsClient.builder()
        .endpointOverride(endpoint)
        .region(Region.of(REGION))
        .httpClient(UrlConnectionHttpClient.create())
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create(ACCESS_KEY, SECRET_KEY)))
        .build();
  }

  /// It does not answer any more, and has forgotten its keys.
  public void stop() {
    process.close();
  }

  @Override
  public void close() {
    stop();
  }
}
