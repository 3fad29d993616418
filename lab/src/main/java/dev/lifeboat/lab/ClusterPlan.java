package dev.lifeboat.lab;

import dev.lifeboat.sandbox.RaftTiming;
import dev.lifeboat.sandbox.ServerBinary;
import dev.lifeboat.vault.Product;
import java.util.Optional;

/// What a cluster is to be made of.
///
/// @param name becomes `cluster_name`; nodes are called `node-1` and up
/// @param host the loopback address of all nodes
/// @param shares how many unseal shares; recovery shares with the static seal
/// @param staticSeal OpenBao only; the nodes then unseal themselves
/// @param postgresql the connection URL of a database that takes the place of raft; OpenBao only
/// @param network in which each node has a machine of its own
/// @param audit a file audit device, one file for the whole cluster
/// @param tls by certificates of an authority of its own, see [Cluster#caFile]
public record ClusterPlan(
    ServerBinary binary,
    String name,
    int nodes,
    String host,
    boolean staticSeal,
    int shares,
    int threshold,
    RaftTiming timing,
    boolean audit,
    Optional<String> postgresql,
    Optional<Network> network,
    boolean tls) {
  public ClusterPlan {
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
        1,
        1,
        RaftTiming.QUICK,
        false,
        Optional.empty(),
        Optional.empty(),
        false);
  }

  public ClusterPlan named(String newName) {
    return new ClusterPlan(
        binary,
        newName,
        nodes,
        host,
        staticSeal,
        shares,
        threshold,
        timing,
        audit,
        postgresql,
        network,
        tls);
  }

  /// Opened by people with shares instead of by itself.
  public ClusterPlan shamir(int newShares, int newThreshold) {
    return new ClusterPlan(
        binary,
        name,
        nodes,
        host,
        false,
        newShares,
        newThreshold,
        timing,
        audit,
        postgresql,
        network,
        tls);
  }

  public ClusterPlan timed(RaftTiming newTiming) {
    return new ClusterPlan(
        binary,
        name,
        nodes,
        host,
        staticSeal,
        shares,
        threshold,
        newTiming,
        audit,
        postgresql,
        network,
        tls);
  }

  public ClusterPlan audited() {
    return new ClusterPlan(
        binary,
        name,
        nodes,
        host,
        staticSeal,
        shares,
        threshold,
        timing,
        true,
        postgresql,
        network,
        tls);
  }

  /// On a database instead of raft.
  public ClusterPlan on(String connectionUrl) {
    return new ClusterPlan(
        binary,
        name,
        nodes,
        host,
        staticSeal,
        shares,
        threshold,
        timing,
        audit,
        Optional.of(connectionUrl),
        network,
        tls);
  }

  /// Each node on a machine of its own; stays the caller's.
  public ClusterPlan in(Network machines) {
    return new ClusterPlan(
        binary,
        name,
        nodes,
        host,
        staticSeal,
        shares,
        threshold,
        timing,
        audit,
        postgresql,
        Optional.of(machines),
        tls);
  }

  /// Each node behind TLS.
  public ClusterPlan secured() {
    return new ClusterPlan(
        binary,
        name,
        nodes,
        host,
        staticSeal,
        shares,
        threshold,
        timing,
        audit,
        postgresql,
        network,
        true);
  }
}
