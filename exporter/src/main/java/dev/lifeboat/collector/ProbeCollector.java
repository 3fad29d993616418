package dev.lifeboat.collector;

import dev.lifeboat.vault.Leader;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultException.Reason;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Whether the cluster serves through the address that its users have: the front door, such as a
/// load balancer. The base of the service level objective.
///
/// `sys/leader` is asked, without a token: it is answered with 200 by an unsealed node alone, and a
/// node that knows no leader says so. `sys/health` would be content with less (its standby is well
/// while nobody leads).
///
/// ```
/// vault_probe_success 1.0
/// vault_probe_requests_total 720.0
/// vault_probe_failures_total{reason="timeout"} 2.0
/// vault_probe_duration_seconds_bucket{le="0.005"} 716
/// ```
public final class ProbeCollector implements Collector {
  static final Metric SUCCESS =
      Metric.gauge(
          "vault_probe_success",
          "1 when an unsealed node with a leader answered through the front door");

  public static final List<Metric> METRICS =
      List.of(SUCCESS, ProbeRequests.REQUESTS, ProbeRequests.FAILURES, ProbeRequests.DURATION);

  private final Supplier<Leader> frontDoor;
  private final ProbeRequests requests;
  private final LongSupplier nanos;
  private volatile Optional<Boolean> success = Optional.empty();

  /// @param frontDoor may throw [VaultException]
  public ProbeCollector(Supplier<Leader> frontDoor, ProbeRequests requests, LongSupplier nanos) {
    this.frontDoor = frontDoor;
    this.requests = requests;
    this.nanos = nanos;
  }

  /// Sends one request, and takes as long as it does.
  public void look() {
    long begin = nanos.getAsLong();
    Optional<Reason> failure = ask();
    requests.probed(failure, Duration.ofNanos(nanos.getAsLong() - begin));
    success = Optional.of(failure.isEmpty());
  }

  private Optional<Reason> ask() {
    try {
      Leader leader = frontDoor.get();
      boolean led = !leader.haEnabled() || leader.self() || leader.address().isPresent();
      return led ? Optional.empty() : Optional.of(Reason.NO_LEADER);
    } catch (VaultException failed) {
      return Optional.of(failed.reason());
    }
  }

  @Override
  public String name() {
    return "probe";
  }

  @Override
  public MetricSnapshots collect() {
    Samples samples = new Samples();
    success.ifPresent(is -> samples.add(SUCCESS, is));
    return samples.snapshots(requests.snapshots());
  }
}
