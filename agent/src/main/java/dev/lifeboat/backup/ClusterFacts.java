package dev.lifeboat.backup;

import dev.lifeboat.backup.Manifest.Cluster;
import dev.lifeboat.backup.Manifest.Counts;
import dev.lifeboat.backup.Manifest.Mount;
import dev.lifeboat.backup.Manifest.Peer;
import dev.lifeboat.backup.Manifest.Seal;
import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.HaStatus;
import dev.lifeboat.vault.Health;
import dev.lifeboat.vault.Product;
import dev.lifeboat.vault.RaftConfiguration;
import dev.lifeboat.vault.SealStatus;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// What a restore will need to know of the cluster, as far as the token may ask.
record ClusterFacts(
    Cluster cluster,
    Seal seal,
    List<Peer> peers,
    List<Mount> mounts,
    Counts counts,
    List<Plugin> plugins) {
  /// What serves a mount.
  ///
  /// @param version empty for one that tells none
  /// @param sha256 of an external one
  record Plugin(String mount, String type, String version, Optional<String> sha256) {}

  private static final System.Logger logger = System.getLogger(ClusterFacts.class.getName());

  /// More than a server can hold, less than what makes a manifest too large to read back.
  private static final int MOUNTS_MAX = 20_000;

  /// Only health and seal status, which need no token, must answer; what else is denied or fails is
  /// left out of the manifest and logged.
  ///
  /// Which key an auto-unseal uses is told by neither server's API (OpenBao 2.7.2 and Vault 1.21.0
  /// were looked at), so the seal's key id stays empty.
  static ClusterFacts read(VaultNode active, Secret token) {
    Health health = active.health();
    SealStatus status = active.sealStatus();
    Cluster cluster =
        new Cluster(
            health.clusterId().or(status::clusterId).orElse(""),
            health.clusterName().or(status::clusterName).orElse(""),
            Product.of(Optional.of(health), Optional.of(status)).name().toLowerCase(Locale.ROOT),
            health.version());
    Seal seal =
        new Seal(
            status.type(),
            status.storageType(),
            status.shares(),
            status.threshold(),
            Optional.empty(),
            ask("sys/key-status", () -> active.read("sys/key-status", token))
                .flatMap(ClusterFacts::term));
    Optional<JsonNode> mounts = ask("sys/mounts", () -> active.read("sys/mounts", token));
    Optional<JsonNode> auth = ask("sys/auth", () -> active.read("sys/auth", token));
    return new ClusterFacts(
        cluster,
        seal,
        peers(
            ask("sys/storage/raft/configuration", () -> active.raftConfiguration(token)),
            ask("sys/ha-status", () -> active.haStatus(token))),
        mounts.map(ClusterFacts::mounts).orElse(List.of()),
        new Counts(
            count("sys/policies/acl", active, token),
            auth.map(each -> each.path("data").size()),
            count("identity/entity/id", active, token)),
        Stream.of(mounts, auth).flatMap(Optional::stream).flatMap(ClusterFacts::plugins).toList());
  }

  private static Optional<Integer> term(JsonNode keyStatus) {
    JsonNode term = keyStatus.path("data").path("term");
    return term.canConvertToInt() ? Optional.of(term.intValue()) : Optional.empty();
  }

  /// Raft knows voters and cluster addresses, the HA status API addresses; both know the cluster
  /// address, the one with a scheme.
  private static List<Peer> peers(
      Optional<RaftConfiguration> configuration, Optional<HaStatus> haStatus) {
    List<Peer> peers = new ArrayList<>();
    for (var server : configuration.map(RaftConfiguration::servers).orElse(List.of())) {
      Optional<String> apiAddress =
          haStatus.map(HaStatus::nodes).orElse(List.of()).stream()
              .filter(node -> node.clusterAddress().endsWith("//" + server.address()))
              .map(HaStatus.Node::apiAddress)
              .findFirst();
      peers.add(new Peer(server.nodeId(), server.address(), apiAddress, server.voter()));
    }
    return peers;
  }

  private static List<Mount> mounts(JsonNode answer) {
    return answer
        .path("data")
        .propertyStream()
        .map(mount -> new Mount(mount.getKey(), mount.getValue().path("type").asString("")))
        .sorted(Comparator.comparing(Mount::path))
        .limit(MOUNTS_MAX)
        .toList();
  }

  private static Stream<Plugin> plugins(JsonNode answer) {
    return answer
        .path("data")
        .propertyStream()
        .map(
            mount ->
                new Plugin(
                    mount.getKey(),
                    mount.getValue().path("type").asString(""),
                    mount.getValue().path("running_plugin_version").asString(""),
                    Optional.of(mount.getValue().path("running_sha256").asString(""))
                        .filter(sum -> !sum.isEmpty())))
        .sorted(Comparator.comparing(Plugin::mount))
        .limit(MOUNTS_MAX);
  }

  private static Optional<Integer> count(String path, VaultNode active, Secret token) {
    try {
      return Optional.of(active.list(path, token).path("data").path("keys").size());
    } catch (VaultException e) {
      return e.reason() == VaultException.Reason.NOT_FOUND ? Optional.of(0) : unknown(path, e);
    }
  }

  private static <T> Optional<T> ask(String path, Supplier<T> question) {
    try {
      return Optional.of(question.get());
    } catch (VaultException e) {
      return unknown(path, e);
    }
  }

  private static <T> Optional<T> unknown(String path, VaultException e) {
    logger.log(
        System.Logger.Level.INFO,
        "event=fact_unknown path={0} reason={1}",
        path,
        e.reason().label());
    return Optional.empty();
  }
}
