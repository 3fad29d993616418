package dev.lifeboat.lab.alerts;

import dev.lifeboat.lab.AgentFleet;
import dev.lifeboat.lab.Alertmanager;
import dev.lifeboat.lab.Prometheus;
import dev.lifeboat.lab.Prometheus.Job;
import dev.lifeboat.lab.Prometheus.Pace;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;

/// A Prometheus that scrapes a fleet, its Alertmanager, and everybody who is told.
public record Monitoring(Receivers receivers, Alertmanager alertmanager, Prometheus prometheus)
    implements AutoCloseable {
  /// The job, and so the name of the cluster in every message.
  public static final String JOB = "lifeboat";

  /// As `docs/monitoring.md` has it, but for the evaluations, which are 5 s apart.
  public static final Pace SHIPPED =
      new Pace(Duration.ofSeconds(10), Duration.ofSeconds(5), Duration.ofMinutes(1));

  /// For rules that run faster.
  public static final Pace QUICK =
      new Pace(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(5));

  /// @param folder is made
  /// @param rules of how fast a time
  /// @param routing the example for Alertmanager, perhaps with other times
  public static Monitoring start(
      Path folder, AgentFleet fleet, ScaledRules rules, String routing, Pace pace) {
    var receivers = Receivers.open(InstantSource.system());
    try {
      var alertmanager =
          Alertmanager.start(
              folder.resolve("alertmanager"),
              receivers.configure(routing, folder.resolve("secrets")));
      try {
        var prometheus =
            Prometheus.start(
                folder.resolve("prometheus"),
                rules.writeTo(folder.resolve("rules")),
                pace,
                new Job(JOB, fleet.agents()),
                alertmanager);
        return new Monitoring(receivers, alertmanager, prometheus);
      } catch (RuntimeException e) {
        alertmanager.close();
        throw e;
      }
    } catch (RuntimeException e) {
      receivers.close();
      throw e;
    }
  }

  @Override
  public void close() {
    prometheus.close();
    alertmanager.close();
    receivers.close();
  }
}
