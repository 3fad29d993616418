package dev.lifeboat.collector;

import dev.lifeboat.vault.VaultException;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Until when the certificates are good with which the node is reached, and our own.
///
/// Of what a server shows, the one that ends first counts: a chain is as good as its weakest link.
///
/// ```
/// vault_certificate_not_after_timestamp_seconds{certificate="api"} 1.7951e9
/// ```
public final class CertificateCollector implements Collector {
  static final Metric NOT_AFTER =
      Metric.gauge(
          "vault_certificate_not_after_timestamp_seconds",
          "When the certificate, or another of the chain that is shown with it, ends",
          "certificate");

  public static final List<Metric> METRICS = List.of(NOT_AFTER);

  /// @param name `api`, `cluster`, `lifeboat`, `client` or `authority`
  /// @param chain what is shown or read now, empty when there is nothing to look at; may throw
  ///   [VaultException]
  public record Source(String name, Supplier<List<X509Certificate>> chain) {}

  private final List<Source> sources;
  private final BooleanSupplier nodeAnswers;
  private volatile Map<String, Instant> ends = Map.of();
  private volatile List<String> problems = List.of();

  /// @param nodeAnswers when it does not, that it shows no certificate is no news
  public CertificateCollector(List<Source> sources, BooleanSupplier nodeAnswers) {
    this.sources = List.copyOf(sources);
    this.nodeAnswers = nodeAnswers;
  }

  /// Looks at each of them once; takes as long as the node does.
  public void look() {
    Map<String, Instant> found = new LinkedHashMap<>();
    List<String> missing = new ArrayList<>();
    for (Source source : sources) {
      try {
        end(source.chain().get()).ifPresent(end -> found.put(source.name(), end));
      } catch (VaultException e) {
        if (nodeAnswers.getAsBoolean()) {
          missing.add(String.valueOf(e.getMessage()));
        }
      }
    }
    ends = found;
    problems = missing;
  }

  private static Optional<Instant> end(List<X509Certificate> chain) {
    return chain.stream().map(each -> each.getNotAfter().toInstant()).min(Instant::compareTo);
  }

  @Override
  public String name() {
    return "certificates";
  }

  @Override
  public List<String> problems() {
    return problems;
  }

  @Override
  public MetricSnapshots collect() {
    Samples samples = new Samples();
    ends.forEach((name, end) -> samples.add(NOT_AFTER, end, name));
    return samples.snapshots();
  }
}
