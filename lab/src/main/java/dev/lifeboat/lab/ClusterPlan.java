package dev.lifeboat.lab;

import dev.lifeboat.sandbox.RaftTiming;
import dev.lifeboat.sandbox.ServerBinary;
import dev.lifeboat.sandbox.ServerConfig.Seal;
import dev.lifeboat.vault.Product;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// What a cluster is to be made of.
///
/// @param name becomes `cluster_name`; nodes are called `node-1` and up
/// @param host the loopback address of all nodes
/// @param staticSeal OpenBao only; the nodes then unseal themselves
/// @param keySeal another seal by which they unseal themselves
/// @param shares how many unseal shares; recovery shares where the nodes unseal themselves
/// @param postgresql the connection URL of a database that takes the place of raft; OpenBao only
/// @param network in which each node has a machine of its own
/// @param features what it has besides
public record ClusterPlan(
    ServerBinary binary,
    String name,
    int nodes,
    String host,
    boolean staticSeal,
    Optional<Seal> keySeal,
    int shares,
    int threshold,
    RaftTiming timing,
    Optional<String> postgresql,
    Optional<Network> network,
    Set<Feature> features) {
  /// What a cluster has or has not.
  public enum Feature {
    /// A file audit device, one file for the whole cluster.
    AUDIT,
    /// TLS by certificates of an authority of its own, see [Cluster#caFile].
    TLS,
    /// `sys/metrics` answers without a token.
    OPEN_TELEMETRY
  }

  public ClusterPlan {
    features = Set.copyOf(features);
    if (nodes < 1 || nodes > 9) {
      throw new IllegalArgumentException("nodes: expected 1 to 9, found " + nodes);
    }
    if (staticSeal && binary.product() != Product.OPENBAO) {
      throw new IllegalArgumentException("static seal: only OpenBao has one");
    }
  }

  /// Quick raft, one share, OpenBao with its static seal.
  public static ClusterPlan of(ServerBinary binary, int nodes) {
    var selfUnsealing = binary.product() == Product.OPENBAO;
    return new ClusterPlan(
        binary,
        "lab",
        nodes,
        "127.0.0.1",
        selfUnsealing,
        Optional.empty(),
        1,
        1,
        RaftTiming.QUICK,
        Optional.empty(),
        Optional.empty(),
        Set.of());
  }

  public boolean audit() {
    return features.contains(Feature.AUDIT);
  }

  public boolean tls() {
    return features.contains(Feature.TLS);
  }

  public boolean openTelemetry() {
    return features.contains(Feature.OPEN_TELEMETRY);
  }

  public ClusterPlan named(String newName) {
    return new ClusterPlan(
        binary,
        newName,
        nodes,
        host,
        staticSeal,
        keySeal,
        shares,
        threshold,
        timing,
        postgresql,
        network,
        features);
  }

  public ClusterPlan sized(int newNodes) {
    return new ClusterPlan(
        binary,
        name,
        newNodes,
        host,
        staticSeal,
        keySeal,
        shares,
        threshold,
        timing,
        postgresql,
        network,
        features);
  }

  /// Opened by people with shares instead of by itself.
  public ClusterPlan shamir(int newShares, int newThreshold) {
    return new ClusterPlan(
        binary,
        name,
        nodes,
        host,
        false,
        Optional.empty(),
        newShares,
        newThreshold,
        timing,
        postgresql,
        network,
        features);
  }

  /// Opened by a key elsewhere; has recovery shares as planned.
  public ClusterPlan sealedBy(Seal seal) {
    return new ClusterPlan(
        binary,
        name,
        nodes,
        host,
        false,
        Optional.of(seal),
        shares,
        threshold,
        timing,
        postgresql,
        network,
        features);
  }

  /// Whether its nodes open without shares.
  public boolean selfUnsealing() {
    return staticSeal || keySeal.isPresent();
  }

  public ClusterPlan timed(RaftTiming newTiming) {
    return new ClusterPlan(
        binary,
        name,
        nodes,
        host,
        staticSeal,
        keySeal,
        shares,
        threshold,
        newTiming,
        postgresql,
        network,
        features);
  }

  public ClusterPlan audited() {
    return with(Feature.AUDIT);
  }

  /// Each node behind TLS.
  public ClusterPlan secured() {
    return with(Feature.TLS);
  }

  /// With `unauthenticated_metrics_access`.
  public ClusterPlan withOpenTelemetry() {
    return with(Feature.OPEN_TELEMETRY);
  }

  private ClusterPlan with(Feature feature) {
    var more = new HashSet<>(features);
    more.add(feature);
    return with(postgresql, network, more);
  }

  /// On a database instead of raft.
  public ClusterPlan on(String connectionUrl) {
    return with(Optional.of(connectionUrl), network, features);
  }

  /// Each node on a machine of its own; stays the caller's.
  public ClusterPlan in(Network machines) {
    return with(postgresql, Optional.of(machines), features);
  }

  private ClusterPlan with(
      Optional<String> newPostgresql, Optional<Network> newNetwork, Set<Feature> newFeatures) {
    return new ClusterPlan(
        binary,
        name,
        nodes,
        host,
        staticSeal,
        keySeal,
        shares,
        threshold,
        timing,
        newPostgresql,
        newNetwork,
        newFeatures);
  }
}
