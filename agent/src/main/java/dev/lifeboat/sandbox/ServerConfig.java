package dev.lifeboat.sandbox;

import dev.lifeboat.config.Secret;
import dev.lifeboat.sandbox.SandboxException.Reason;
import dev.lifeboat.vault.Product;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;

/// One node: everything its configuration file says.
///
/// @param folder the node's own; holds `server.hcl`, `server.log` and the folder `raft`
/// @param clusterName set, so that the metric label `cluster` is never empty
/// @param host a loopback address, or one of a network of its own
/// @param join API addresses of the nodes it may join by itself while it has no data
/// @param seal by which it unseals itself; Shamir when absent
/// @param openTelemetry whether `sys/metrics` is answered without a token
/// @param postgresql the connection URL of the database that takes the place of raft
/// @param auditFile OpenBao takes an audit device from here only, Vault by its API only
public record ServerConfig(
    Product product,
    Path folder,
    String nodeId,
    String clusterName,
    String host,
    int apiPort,
    int clusterPort,
    List<URI> join,
    RaftTiming timing,
    Optional<Tls> tls,
    Optional<Seal> seal,
    Optional<Path> auditFile,
    String logLevel,
    Optional<String> postgresql,
    boolean openTelemetry) {
  private static final String OPEN_TELEMETRY =
      "  telemetry {\n    unauthenticated_metrics_access = true\n  }\n";

  /// One on raft.
  public ServerConfig(
      Product product,
      Path folder,
      String nodeId,
      String clusterName,
      String host,
      int apiPort,
      int clusterPort,
      List<URI> join,
      RaftTiming timing,
      Optional<Tls> tls,
      Optional<Seal> seal,
      Optional<Path> auditFile,
      String logLevel) {
    this(
        product,
        folder,
        nodeId,
        clusterName,
        host,
        apiPort,
        clusterPort,
        join,
        timing,
        tls,
        seal,
        auditFile,
        logLevel,
        Optional.empty(),
        false);
  }

  /// The same on other ports.
  public ServerConfig at(int newApiPort, int newClusterPort) {
    return new ServerConfig(
        product,
        folder,
        nodeId,
        clusterName,
        host,
        newApiPort,
        newClusterPort,
        join,
        timing,
        tls,
        seal,
        auditFile,
        logLevel,
        postgresql,
        openTelemetry);
  }

  /// The same on a database instead of raft.
  public ServerConfig on(String connectionUrl) {
    return with(Optional.of(connectionUrl), openTelemetry);
  }

  /// The same with a listener that answers `sys/metrics` without a token, and also while sealed.
  public ServerConfig withOpenTelemetry() {
    return with(postgresql, true);
  }

  private ServerConfig with(Optional<String> newPostgresql, boolean newOpenTelemetry) {
    return new ServerConfig(
        product,
        folder,
        nodeId,
        clusterName,
        host,
        apiPort,
        clusterPort,
        join,
        timing,
        tls,
        seal,
        auditFile,
        logLevel,
        newPostgresql,
        newOpenTelemetry);
  }

  /// The listener's certificate chain and key, and the authority that issued it, all PEM.
  public record Tls(Path certificateFile, Path privateKeyFile, Path caFile) {}

  /// What a node unseals itself with.
  public sealed interface Seal {}

  /// A key of 32 random bytes in a file. OpenBao only.
  public record StaticSeal(String keyId, Path keyFile) implements Seal {}

  /// A transit key of another OpenBao or Vault.
  ///
  /// @param mount such as `transit`
  public record TransitSeal(URI address, Secret token, String mount, String key) implements Seal {}

  /// A key of AWS KMS. Vault, and an OpenBao that has the plugin: 2.7.2 has it not built in.
  ///
  /// @param endpoint of a server that answers as KMS does
  public record KmsSeal(String region, String key, URI endpoint, Secret accessKey, Secret secretKey)
      implements Seal {}

  public ServerConfig {
    join = List.copyOf(join);
    if (seal.filter(StaticSeal.class::isInstance).isPresent() && product == Product.VAULT) {
      throw new IllegalArgumentException("seal: Vault has no static seal");
    }
  }

  public URI apiAddress() {
    return URI.create((tls.isPresent() ? "https://" : "http://") + host + ":" + apiPort);
  }

  public URI clusterAddress() {
    return URI.create("https://" + host + ":" + clusterPort);
  }

  public Path raftFolder() {
    return folder.resolve("raft");
  }

  public Path logFile() {
    return folder.resolve("server.log");
  }

  public Path configFile() {
    return folder.resolve("server.hcl");
  }

  /// Creates the folders (the owner's only) and writes the file.
  public void write() {
    try {
      var ownerOnly =
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
      Files.createDirectories(folder, ownerOnly);
      Files.createDirectories(raftFolder(), ownerOnly);
      Files.writeString(configFile(), hcl());
    } catch (IOException e) {
      throw new SandboxException(
          Reason.SETUP, "cannot write the server's configuration in " + folder, e);
    }
  }

  /// The file's text.
  public String hcl() {
    var text = new StringBuilder();
    text.append(
        """
        cluster_name = %s
        api_addr = %s
        cluster_addr = %s
        log_level = %s
        ui = false
        """
            .formatted(
                quoted(clusterName),
                quoted(apiAddress()),
                quoted(clusterAddress()),
                quoted(logLevel)));
    if (product == Product.VAULT) {
      // OpenBao dropped mlock and refuses the key; Vault with raft refuses to start without it.
      text.append("disable_mlock = true\n");
    }
    text.append(storage()).append(listener());
    text.append(
        """
        telemetry {
          prometheus_retention_time = "24h"
          disable_hostname = true
        }
        """);
    seal.ifPresent(by -> text.append(stanza(by)));
    if (product == Product.OPENBAO) {
      auditFile.ifPresent(
          file ->
              text.append(
                  """
                  audit "file" "file" {
                    options {
                      file_path = %s
                    }
                  }
                  """
                      .formatted(quoted(file))));
    }
    return text.toString();
  }

  private static String stanza(Seal seal) {
    return switch (seal) {
      case StaticSeal(String keyId, Path keyFile) ->
          """
          seal "static" {
            current_key_id = %s
            current_key = %s
          }
          """
              .formatted(quoted(keyId), quoted("file://" + keyFile));
      case TransitSeal(URI address, Secret token, String mount, String key) ->
          """
          seal "transit" {
            address = %s
            token = %s
            mount_path = %s
            key_name = %s
          }
          """
              .formatted(quoted(address), quoted(token.reveal()), quoted(mount + "/"), quoted(key));
      case KmsSeal kms ->
          """
          seal "awskms" {
            region = %s
            kms_key_id = %s
            endpoint = %s
            access_key = %s
            secret_key = %s
          }
          """
              .formatted(
                  quoted(kms.region()),
                  quoted(kms.key()),
                  quoted(kms.endpoint()),
                  quoted(kms.accessKey().reveal()),
                  quoted(kms.secretKey().reveal()));
    };
  }

  private String storage() {
    if (postgresql.isPresent()) {
      return """
      storage "postgresql" {
        connection_url = %s
        ha_enabled = "true"
      }
      """
          .formatted(quoted(postgresql.get()));
    }
    var text = new StringBuilder();
    text.append(
        """
        storage "raft" {
          path = %s
          node_id = %s
          performance_multiplier = %d
          autopilot_reconcile_interval = "%dms"
          autopilot_update_interval = "%dms"
        """
            .formatted(
                quoted(raftFolder()),
                quoted(nodeId),
                timing.performanceMultiplier(),
                timing.autopilotReconcile().toMillis(),
                timing.autopilotUpdate().toMillis()));
    for (var address : join) {
      text.append("  retry_join {\n    leader_api_addr = ").append(quoted(address)).append("\n");
      tls.ifPresent(
          files ->
              text.append("    leader_ca_cert_file = ")
                  .append(quoted(files.caFile()))
                  .append("\n"));
      text.append("  }\n");
    }
    return text.append("}\n").toString();
  }

  /// Of two where it serves a network: an agent beside it talks plain HTTP to loopback only.
  private String listener() {
    return host.startsWith("127.") ? listener(host) : listener(host) + listener("127.0.0.1");
  }

  private String listener(String at) {
    var security =
        tls.map(
                    files ->
                        "  tls_cert_file = %s\n  tls_key_file = %s\n"
                            .formatted(
                                quoted(files.certificateFile()), quoted(files.privateKeyFile())))
                .orElse("  tls_disable = true\n")
            + (openTelemetry ? OPEN_TELEMETRY : "");
    return """
    listener "tcp" {
      address = "%s:%d"
      cluster_address = "%s:%d"
    %s}
    """
        .formatted(at, apiPort, at, clusterPort, security);
  }

  private static String quoted(Object value) {
    return "\"" + value.toString().replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }
}
