package dev.lifeboat.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.vault.Leader;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultException.Reason;
import dev.lifeboat.watch.NodeStates;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProbeCollectorTest {
  @Test
  void a_leader_and_a_standby_that_knows_one_are_successes() {
    assertTrue(lines(NodeStates::leads).contains("vault_probe_success 1.0"));
    assertTrue(lines(() -> NodeStates.follows(7)).contains("vault_probe_success 1.0"));
  }

  @Test
  void a_node_without_a_leader_is_none() {
    List<String> lines = lines(NodeStates::leaderless);

    assertTrue(lines.contains("vault_probe_success 0.0"), lines.toString());
    assertTrue(
        lines.contains("vault_probe_failures_total{reason=\"no_leader\"} 1.0"), lines.toString());
  }

  @ParameterizedTest
  @CsvSource({"SEALED,sealed", "TIMEOUT,timeout", "TLS,tls", "NOT_FOUND,other", "DENIED,other"})
  void failures_are_counted_by_a_bounded_reason(Reason reason, String label) {
    List<String> lines =
        lines(
            () -> {
              throw new VaultException(reason, "no");
            });

    assertTrue(
        lines.contains("vault_probe_failures_total{reason=\"" + label + "\"} 1.0"),
        lines.toString());
    assertTrue(lines.contains("vault_probe_requests_total 1.0"), lines.toString());
  }

  @Test
  void every_usual_reason_begins_at_zero_and_nothing_is_said_before_the_first_probe() {
    List<String> lines =
        Lines.of(new ProbeCollector(NodeStates::leads, new ProbeRequests(), () -> 0));

    assertEquals(8, lines.stream().filter(line -> line.matches(".*failures.* 0\\.0")).count());
    assertTrue(lines.stream().noneMatch(line -> line.startsWith("vault_probe_success")));
  }

  @Test
  void counts_go_on_over_a_reload_and_the_time_is_measured() {
    ProbeRequests counts = new ProbeRequests();
    AtomicLong clock = new AtomicLong();
    for (int reload = 0; reload < 2; reload++) {
      new ProbeCollector(NodeStates::leads, counts, () -> clock.getAndAdd(40_000_000)).look();
    }

    List<String> lines = Lines.of(new ProbeCollector(NodeStates::leads, counts, () -> 0));

    assertTrue(lines.contains("vault_probe_requests_total 2.0"), lines.toString());
    assertTrue(lines.contains("vault_probe_duration_seconds_bucket{le=\"0.05\"} 2"));
    assertTrue(lines.contains("vault_probe_duration_seconds_bucket{le=\"0.025\"} 0"));
  }

  private static List<String> lines(Supplier<Leader> door) {
    ProbeCollector collector = new ProbeCollector(door, new ProbeRequests(), () -> 0);
    collector.look();
    return Lines.of(collector);
  }
}
