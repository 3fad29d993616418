package dev.lifeboat.collector;

import dev.lifeboat.telemetry.Relay;
import dev.lifeboat.telemetry.TelemetryConfig;
import dev.lifeboat.vault.NativeMetrics;
import dev.lifeboat.vault.ReplicationStatus;
import dev.lifeboat.watch.NodeStates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// One of each collector that looks around by itself, after a look at which it found everything.
public final class MadeCollectors {
  private MadeCollectors() {}

  /// @param folder empty; becomes the node's raft folder
  public static List<Collector> all(Path folder) {
    return List.of(
        certificates(), replication(), storage(folder), audit(folder), probe(), telemetry());
  }

  private static Collector certificates() {
    var authority = dev.lifeboat.vault.X509.authority("lab");
    var made =
        new CertificateCollector(
            List.of(new CertificateCollector.Source("api", () -> List.of(authority.certificate()))),
            () -> true);
    made.look();
    return made;
  }

  private static Collector replication() {
    ReplicationStatus.Peer peer =
        new ReplicationStatus.Peer("https://10.1.0.1:8201", true, Optional.of(NodeStates.NOW));
    ReplicationStatus.Kind kind =
        new ReplicationStatus.Kind(
            "dr",
            "secondary",
            "stream-wals",
            OptionalLong.of(455),
            OptionalLong.of(454),
            List.of(peer));
    var made =
        new ReplicationCollector(
            NodeStates::drSecondary, () -> new ReplicationStatus(List.of(kind)));
    made.look();
    return made;
  }

  private static Collector storage(Path folder) {
    try {
      Files.createDirectories(folder.resolve("raft"));
      Files.write(folder.resolve("vault.db"), new byte[3]);
      Files.write(folder.resolve("raft/raft.db"), new byte[5]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    var made = new StorageCollector(Optional.of(folder), List.of());
    made.look();
    return made;
  }

  private static Collector audit(Path folder) {
    try {
      Path file = Files.createFile(folder.resolve("audit.log"));
      var made = new AuditCollector(Map.of("file", file), NodeStates::active, () -> NodeStates.NOW);
      Files.writeString(file, "{\"id\":\"" + NodeStates.REQUEST_ID + "\"}\n");
      made.look();
      return made;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Collector probe() {
    var made = new ProbeCollector(NodeStates::leads, new ProbeRequests(), () -> 0);
    made.look();
    return made;
  }

  private static Collector telemetry() {
    var config = new TelemetryConfig(true, false, Duration.ofSeconds(10), List.of("go_*"), 100);
    Relay relay =
        new Relay(
            config,
            login -> new NativeMetrics("# TYPE go_goroutines gauge\ngo_goroutines 7\n"),
            NodeStates::active,
            () -> 0);
    relay.look();
    return new TelemetryCollector(relay);
  }
}
