package dev.lifeboat.lab.experiment;

import dev.lifeboat.lab.AgentFleet;
import dev.lifeboat.lab.AgentFleet.Routine;
import dev.lifeboat.lab.Cluster;
import dev.lifeboat.lab.ClusterPlan;
import dev.lifeboat.lab.Minio;
import dev.lifeboat.lab.PreparedCluster;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/// Three nodes, an agent beside each, and the one store that they share.
public record SlotStage(
    Cluster cluster, AgentFleet fleet, Optional<Minio> minio, Supplier<SlotLedger> ledger)
    implements AutoCloseable {
  public static final int NODES = 3;
  private static final String BUCKET = "slots";

  /// @param plan of so many nodes
  /// @param folder empty; is filled
  /// @param s3 whether the store is a bucket of a MinIO that is started, with versions, instead of
  ///   a folder
  public static SlotStage open(ClusterPlan plan, Path folder, Routine routine, boolean s3) {
    AgentFleet.makeKeys(folder, NODES);
    var cluster = PreparedCluster.prepare(plan).copy(folder.resolve("cluster"));
    Optional<Minio> minio = Optional.empty();
    try {
      if (s3) {
        var server = Minio.start(folder.resolve("minio"));
        minio = Optional.of(server);
        var _ = server.bucket(BUCKET, Minio.Kind.VERSIONED);
        var stores = "stores.shared {\n%s}".formatted(server.storeBlock(BUCKET));
        return new SlotStage(
            cluster,
            AgentFleet.equip(cluster, folder, routine, stores),
            minio,
            () -> SlotLedger.read(server, BUCKET));
      }
      var fleet = AgentFleet.equip(cluster, folder, routine);
      return new SlotStage(cluster, fleet, minio, () -> SlotLedger.read(fleet.store()));
    } catch (RuntimeException e) {
      minio.ifPresent(Minio::close);
      cluster.close();
      throw e;
    }
  }

  /// One folder for all, on machines of a network of their own.
  ///
  /// @param plan in a network
  public static SlotStage split(ClusterPlan plan, Path folder) {
    return open(plan, folder, Routine.SLOTS, false);
  }

  @Override
  public void close() {
    fleet.close();
    minio.ifPresent(Minio::close);
    cluster.close();
  }
}
