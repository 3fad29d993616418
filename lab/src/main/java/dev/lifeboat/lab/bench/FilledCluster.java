package dev.lifeboat.lab.bench;

import dev.lifeboat.config.ByteSize;
import dev.lifeboat.lab.AgentFleet;
import dev.lifeboat.lab.Cluster;
import dev.lifeboat.lab.ClusterPlan;
import dev.lifeboat.lab.Folders;
import dev.lifeboat.lab.LabAgent;
import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.Provisioning;
import dev.lifeboat.lab.VaultApi;
import dev.lifeboat.sandbox.ServerBinary;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/// One real node with random data in it, and the equipment of an agent beside it.
final class FilledCluster implements AutoCloseable {
  /// Of one secret; random, in Base64.
  static final int VALUE_CHARACTERS = 256 << 10;

  static final int WRITERS = 4;

  private static final Duration WRITE = Duration.ofSeconds(60);

  private final Cluster cluster;
  private final AgentFleet fleet;
  private final Path folder;
  private int values;

  private FilledCluster(Cluster cluster, AgentFleet fleet, Path folder) {
    this.cluster = cluster;
    this.fleet = fleet;
    this.folder = folder;
  }

  /// Empty; no agent runs yet.
  static FilledCluster open(ServerBinary server, Path folder) {
    return open(
        server,
        folder,
        "stores.shared { type = local, path = \"%s\" }".formatted(folder.resolve("store")));
  }

  /// @param stores the lines of the agent's configuration that say where backups go
  static FilledCluster open(ServerBinary server, Path folder, String stores) {
    AgentFleet.makeKeys(folder, 1);
    var cluster = Cluster.create(ClusterPlan.of(server, 1), folder.resolve("cluster"));
    try {
      Provisioning.install(cluster.root());
      return new FilledCluster(
          cluster, AgentFleet.equip(cluster, folder, AgentFleet.Routine.ORDINARY, stores), folder);
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  ByteSize size() {
    return new ByteSize((long) values * VALUE_CHARACTERS);
  }

  void growTo(ByteSize size) {
    int wanted = Math.toIntExact(Math.ceilDiv(size.bytes(), VALUE_CHARACTERS));
    var next = new AtomicInteger(values);
    var root = cluster.root().withTimeout(WRITE);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var writers = new ArrayList<Callable<Boolean>>();
      for (int writer = 0; writer < WRITERS; writer++) {
        writers.add(() -> write(root, next, wanted));
      }
      for (var writer : threads.invokeAll(writers)) {
        writer.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted while writing secrets", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof LabException failure
          ? failure
          : new LabException("cannot write secrets", e);
    }
    values = wanted;
  }

  private static boolean write(VaultApi root, AtomicInteger next, int wanted) {
    var random = new byte[VALUE_CHARACTERS / 4 * 3];
    int number;
    while ((number = next.getAndIncrement()) < wanted) {
      ThreadLocalRandom.current().nextBytes(random);
      var value = Base64.getEncoder().encodeToString(random);
      root.post("secret/data/bench/" + number, Map.of("data", Map.of("value", value))).require();
    }
    return true;
  }

  /// For the notes of a finding.
  ///
  /// @param snapshotBytes what the server's own snapshot of it has
  String describe(long snapshotBytes) {
    return "%d secrets of %s, written by %d writers; a snapshot has %s"
        .formatted(values, new ByteSize(VALUE_CHARACTERS), WRITERS, new ByteSize(snapshotBytes));
  }

  Cluster cluster() {
    return cluster;
  }

  /// Started and stopped by whoever measures.
  LabAgent agent() {
    return fleet.agents().getFirst();
  }

  /// A file beside the agent's store and spool.
  Path file(String name) {
    return folder.resolve(name);
  }

  /// Empties the store, so that the next backup finds the disk as the last one did.
  void forgetBackups() {
    Folders.delete(fleet.store());
    Folders.create(fleet.store());
  }

  @Override
  public void close() {
    fleet.close();
    cluster.close();
    Folders.delete(folder);
  }
}
