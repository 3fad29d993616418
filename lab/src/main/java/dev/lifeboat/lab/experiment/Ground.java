package dev.lifeboat.lab.experiment;

import dev.lifeboat.lab.ClusterPlan;
import dev.lifeboat.lab.Network;
import dev.lifeboat.sandbox.ServerBinary;
import dev.lifeboat.vault.Product;
import java.nio.file.Path;
import java.util.Optional;

/// What faults are played on: nodes that people unseal, which keep their data in one way or
/// another.
public enum Ground {
  RAFT("3 nodes on raft"),
  NETWORK("3 nodes on raft, each on a machine of its own"),
  POSTGRESQL("2 nodes on PostgreSQL, which has a standby");

  private final String title;

  Ground(String title) {
    this.title = title;
  }

  /// Starts the nodes and what they stand on, and no agent.
  ///
  /// @param folder empty; is filled
  public AlertStage open(ServerBinary binary, Path folder) {
    return switch (this) {
      case RAFT -> AlertStage.open(plan(binary, 3).audited(), Optional.empty(), folder);
      case NETWORK ->
          AlertStage.open(plan(binary, 3).in(Network.open(3)), Optional.empty(), folder);
      case POSTGRESQL -> {
        var databases = DatabasePair.start(folder.resolve("databases"));
        yield AlertStage.open(
            plan(binary, 2).on(databases.connectionUrl()), Optional.of(databases), folder);
      }
    };
  }

  /// Why it cannot be had here, in a sentence; empty when it can.
  Optional<String> lacking(ServerBinary binary) {
    return switch (this) {
      case RAFT -> Optional.empty();
      case NETWORK -> Network.lacking();
      case POSTGRESQL ->
          Optional.of("Vault wants its tables in PostgreSQL made by hand, OpenBao makes them")
              .filter(_ -> binary.product() != Product.OPENBAO);
    };
  }

  private static ClusterPlan plan(ServerBinary binary, int nodes) {
    return ClusterPlan.of(binary, nodes).shamir(1, 1).named("alerts");
  }

  @Override
  public String toString() {
    return title;
  }
}
