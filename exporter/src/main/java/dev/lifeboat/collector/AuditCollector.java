package dev.lifeboat.collector;

import dev.lifeboat.vault.HaStatus;
import dev.lifeboat.watch.AuditFile;
import dev.lifeboat.watch.NodeState;
import dev.lifeboat.watch.Reading;
import dev.lifeboat.watch.Role;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// The audit files of the node beside us, as they are declared in our configuration: to list the
/// devices a token would need sudo.
///
/// ```
/// vault_node_audit_file_exists{device="file"} 1.0
/// vault_node_audit_file_size_bytes{device="file"} 812345.0
/// vault_node_audit_file_last_write_timestamp_seconds{device="file"} 1.7643e9
/// vault_node_audit_file_request_found{device="file"} 1.0        # on the active node
/// ```
public final class AuditCollector implements Collector {
  static final Metric EXISTS =
      Metric.gauge("vault_node_audit_file_exists", "1 when the audit file is there", "device");
  static final Metric SIZE =
      Metric.gauge("vault_node_audit_file_size_bytes", "Size of the audit file", "device");
  static final Metric LAST_WRITE =
      Metric.gauge(
          "vault_node_audit_file_last_write_timestamp_seconds",
          "When the audit file was last written to",
          "device");
  static final Metric REQUEST_FOUND =
      Metric.gauge(
          "vault_node_audit_file_request_found",
          "1 when our last request to this active node is in the file, 0 when it is not",
          "device");

  public static final List<Metric> METRICS = List.of(EXISTS, SIZE, LAST_WRITE, REQUEST_FOUND);

  /// Clocks and the end of a request are not known to the millisecond.
  private static final Duration SLACK = Duration.ofSeconds(2);

  private final Map<String, AuditFile> files = new LinkedHashMap<>();
  private final Supplier<NodeState> state;
  private final InstantSource clock;
  private volatile Map<String, AuditFile.Look> latest = Map.of();

  /// @param files by the name of the device
  public AuditCollector(Map<String, Path> files, Supplier<NodeState> state, InstantSource clock) {
    files.forEach((device, file) -> this.files.put(device, new AuditFile(file)));
    this.state = state;
    this.clock = clock;
  }

  /// Looks at each file once.
  public void look() {
    Optional<AuditFile.Asked> asked = asked(state.get());
    Map<String, AuditFile.Look> looks = new LinkedHashMap<>();
    files.forEach((device, file) -> looks.put(device, file.look(asked, clock.instant())));
    latest = looks;
  }

  private static Optional<AuditFile.Asked> asked(NodeState now) {
    return now.role() == Role.ACTIVE
            && now.haStatus() instanceof Reading.Known<HaStatus>(var status, var at, var took)
        ? status.requestId().map(id -> new AuditFile.Asked(id, at.minus(took).minus(SLACK)))
        : Optional.empty();
  }

  @Override
  public String name() {
    return "audit";
  }

  @Override
  public List<String> problems() {
    List<String> problems = new ArrayList<>();
    latest.values().forEach(look -> look.problem().ifPresent(problems::add));
    return problems;
  }

  @Override
  public MetricSnapshots collect() {
    Samples samples = new Samples();
    latest.forEach(
        (device, look) -> {
          look.exists().ifPresent(is -> samples.add(EXISTS, is, device));
          look.size().ifPresent(size -> samples.add(SIZE, size, device));
          look.lastWrite().ifPresent(at -> samples.add(LAST_WRITE, at, device));
          look.requestFound().ifPresent(is -> samples.add(REQUEST_FOUND, is, device));
        });
    return samples.snapshots();
  }
}
