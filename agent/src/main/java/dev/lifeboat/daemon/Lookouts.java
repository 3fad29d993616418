package dev.lifeboat.daemon;

import dev.lifeboat.collector.AuditCollector;
import dev.lifeboat.collector.CertificateCollector;
import dev.lifeboat.collector.Collector;
import dev.lifeboat.collector.CollectorsConfig;
import dev.lifeboat.collector.ProbeCollector;
import dev.lifeboat.collector.ProbeRequests;
import dev.lifeboat.collector.ReplicationCollector;
import dev.lifeboat.collector.StorageCollector;
import dev.lifeboat.collector.TelemetryCollector;
import dev.lifeboat.telemetry.Relay;
import dev.lifeboat.telemetry.TelemetryConfig;
import dev.lifeboat.vault.Certificates;
import dev.lifeboat.vault.Leader;
import dev.lifeboat.vault.RequestObserver;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.vault.VaultConfig;
import dev.lifeboat.watch.NodeState;
import dev.lifeboat.watch.Reading;
import dev.lifeboat.watch.Role;
import dev.lifeboat.watch.Rounds;
import dev.lifeboat.watch.Watch;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// What is looked at besides the node's state, each on a thread of its own: a disk that hangs or a
/// front door that does not answer holds up neither a scrape nor the poll of the node.
final class Lookouts implements AutoCloseable {
  private static final Duration DISKS = Duration.ofSeconds(15);

  private final LifeboatConfig config;
  private final VaultClient client;
  private final Observed observed;
  private final Watch watch;
  private final Supplier<NodeState> state;
  private final InstantSource clock;
  private final List<Collector> collectors = new ArrayList<>();
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private Optional<Relay> relay = Optional.empty();

  private Lookouts(Observed observed, VaultClient client, InstantSource clock) {
    this.config = observed.config();
    this.client = client;
    this.observed = observed;
    this.watch = observed.watch();
    this.state = watch::latest;
    this.clock = clock;
  }

  static Lookouts open(
      Observed observed, VaultClient client, ProbeRequests probes, InstantSource clock) {
    Lookouts lookouts = new Lookouts(observed, client, clock);
    try {
      lookouts.begin(observed.config().collectors(), probes);
      return lookouts;
    } catch (RuntimeException e) {
      // A file that is no certificate: what was begun already would look on for ever.
      lookouts.close();
      throw e;
    }
  }

  private void begin(CollectorsConfig asked, ProbeRequests probes) {
    asked.certificates().ifPresent(this::certificates);
    if (asked.replication()) {
      replication();
    }
    storage(asked);
    if (!asked.auditFiles().isEmpty()) {
      audit(asked);
    }
    if (asked.telemetry().enabled()) {
      telemetry(asked.telemetry());
    }
    asked.probe().ifPresent(probe -> probe(probe, probes));
  }

  private void certificates(Duration interval) {
    Certificates certificates = new Certificates(config.vault());
    VaultConfig.Tls tls = config.vault().tls();
    List<CertificateCollector.Source> sources = new ArrayList<>();
    sources.add(new CertificateCollector.Source("api", certificates::api));
    sources.add(new CertificateCollector.Source("cluster", () -> cluster(certificates)));
    // As they were when this configuration was opened: a renewed file is of no use before a reload.
    config.http().tls().ifPresent(own -> sources.add(inUse("lifeboat", own.certificateFile())));
    tls.certificateFile().ifPresent(file -> sources.add(inUse("client", file)));
    CertificateCollector collector =
        new CertificateCollector(
            sources, () -> !(state.get().health() instanceof Reading.Failed<?>));
    add(collector, interval, collector::look);
  }

  private List<X509Certificate> cluster(Certificates certificates) {
    NodeState now = state.get();
    Optional<String> address = now.leader().known().flatMap(Leader::clusterAddress);
    return now.role() == Role.ACTIVE && address.isPresent()
        ? certificates.cluster(address.get())
        : List.of();
  }

  private static CertificateCollector.Source inUse(String name, Path file) {
    List<X509Certificate> chain = Certificates.inFile(file);
    return new CertificateCollector.Source(name, () -> chain);
  }

  private void replication() {
    ReplicationCollector collector = new ReplicationCollector(state, client.own()::replication);
    add(collector, config.watch().clusterInterval(), collector::look);
  }

  private void storage(CollectorsConfig asked) {
    Set<Path> others = new LinkedHashSet<>();
    asked.auditFiles().values().stream().map(Lookouts::folder).forEach(others::add);
    config.backup().ifPresent(backup -> others.add(backup.spool()));
    if (asked.raftFolder().isPresent() || !others.isEmpty()) {
      StorageCollector collector = new StorageCollector(asked.raftFolder(), List.copyOf(others));
      add(collector, DISKS, collector::look);
    }
  }

  private static Path folder(Path file) {
    Path folder = file.getParent();
    return folder == null ? file : folder;
  }

  private void audit(CollectorsConfig asked) {
    AuditCollector collector = new AuditCollector(asked.auditFiles(), state, clock);
    add(collector, config.watch().interval(), collector::look);
  }

  private void telemetry(TelemetryConfig asked) {
    Relay fetched =
        new Relay(
            asked,
            login ->
                client
                    .own()
                    .metrics(login ? Optional.of(observed.keeper().token()) : Optional.empty()),
            state,
            System::nanoTime);
    relay = Optional.of(fetched);
    add(new TelemetryCollector(fetched), asked.interval(), fetched::look);
  }

  private void probe(CollectorsConfig.Probe asked, ProbeRequests probes) {
    VaultClient door = VaultClient.open(asked.frontDoor(), RequestObserver.NONE);
    open.push(door);
    ProbeCollector collector = new ProbeCollector(door.own()::leader, probes, System::nanoTime);
    add(collector, asked.interval(), collector::look);
  }

  private void add(Collector collector, Duration pause, Runnable look) {
    collectors.add(collector);
    open.push(Rounds.open(collector.name(), pause, () -> afterFirstPoll(look)));
  }

  /// What it finds depends on what the node is.
  private void afterFirstPoll(Runnable look) {
    try {
      watch.awaitFirstPoll();
      look.run();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  Observed observed() {
    return observed;
  }

  List<Collector> collectors() {
    return collectors;
  }

  Optional<Relay> relay() {
    return relay;
  }

  /// Their threads first, then what they used.
  @Override
  public void close() {
    while (!open.isEmpty()) {
      switch (open.pop()) {
        case Rounds rounds -> rounds.close();
        case VaultClient door -> door.close();
        default -> throw new IllegalStateException("nothing else is opened");
      }
    }
  }
}
