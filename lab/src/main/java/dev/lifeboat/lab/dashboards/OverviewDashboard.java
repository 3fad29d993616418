package dev.lifeboat.lab.dashboards;

import dev.lifeboat.lab.dashboards.Dashboard.Row;
import java.util.List;

/// One screen: is it fine, since when, and what would be lost.
final class OverviewDashboard {
  private static final String FIRING = "ALERTS{@alerts, alertstate=\"firing\"";
  private static final String SINCE =
      "(ALERTS_FOR_STATE{@alerts, severity=~\"critical|warning|info\"}"
          + " and ignoring (alertstate) "
          + FIRING
          + "})";

  private OverviewDashboard() {}

  static Dashboard dashboard() {
    return new Dashboard(
        "overview",
        "Overview",
        "Is it fine, since when, and what would be lost.",
        List.of(
            Row.of("", tiles()),
            Row.of("", Shared.nodeStates(14, 8).to(Shared.CLUSTER), alerts()),
            Row.of("", loss(), Shared.stores(14, 7).to(Shared.BACKUP)),
            Row.of(
                "",
                age(),
                FrontDoor.budget(4).tall(5),
                Machine.firstCertificate(4).tall(5),
                next(),
                Shared.tokenEnds(4).tall(5))));
  }

  private static Panel[] tiles() {
    return new Panel[] {
      fine(),
      since(),
      leader(),
      notServing(),
      tolerance(3),
      Shared.newestBackup(3).to(Shared.BACKUP),
      Shared.ofItsInterval(3).to(Shared.BACKUP),
      Shared.verified(3).to(Shared.BACKUP)
    };
  }

  private static Panel fine() {
    return Panel.stat(
            "Is it fine?",
            3,
            "The worst alert that fires. It needs the rules in alert-rules; without them it says"
                + " so, since nothing firing would then mean nothing.")
        .looks(
            Look.PLAIN
                .absent("not watched")
                .meaning(
                    new Meaning(0, "fine", Colour.GREEN),
                    new Meaning(1, "warning", Colour.ORANGE),
                    new Meaning(2, "CRITICAL", Colour.RED),
                    new Meaning(-1, "no rules", Colour.PURPLE)))
        .asks(
            """
            (2 * group by (job) (%1$s, severity="critical"})
              or group by (job) (%1$s, severity="warning"})
              or 0 * group by (job) (up{@})) and on () %1$s, alertname="Watchdog"}
            or -1 * group by (job) (up{@})
            """
                .formatted(FIRING),
            "{{job}}")
        .runbook("VaultMonitoringAbsent");
  }

  private static Panel since() {
    return Panel.stat(
            "Not fine for",
            3,
            "How long the alert that has been true for longest has been true, its waiting time"
                + " included.")
        .looks(Look.of(Unit.SECONDS).absent("no alert"))
        .asks("time() - min by (job) (" + SINCE + ")", "{{job}}");
  }

  private static Panel leader() {
    return Panel.stat(
            "Who leads",
            3,
            "The active node, and how long it has been active. Orange: it became so in the last"
                + " five minutes.")
        .looks(Look.falling(Unit.SECONDS, 0, 300).absent("NOBODY LEADS"))
        .asks(
            "time() - max by (job, instance) (vault_node_active_since_timestamp_seconds{@}"
                + " and on (job, instance) vault_node_active{@} == 1)",
            "{{instance}}")
        .runbook("VaultNoActiveNode", "VaultMultipleActiveNodes")
        .to(Shared.CLUSTER);
  }

  private static Panel notServing() {
    return Panel.stat(
            "Not serving",
            3,
            "Nodes that are sealed, unreachable, uninitialised, removed, or whose agent is silent.")
        .looks(Look.none().absent("not watched"))
        .asks(
            "count by (job) (up{@}) - (sum by (job) (vault_node_state{@,"
                + " state=~\"active|standby|perf_standby|dr_secondary\"})"
                + " or 0 * count by (job) (up{@}))",
            "{{job}}")
        .runbook("VaultSealed", "VaultNodeUnreachable", "VaultExporterDown")
        .to(Shared.CLUSTER);
  }

  static Panel tolerance(int width) {
    return Panel.stat(
            "May still fail",
            width,
            "Healthy voters that may be lost before nobody can lead, by autopilot. Zero: one more"
                + " and it stands still. Two voters or one can never lose any.")
        .looks(
            Look.falling(Unit.NONE, 1, 1)
                .meaning(new Meaning(-1, "never any", Colour.TEXT))
                .absent("not known: no leader, or no token"))
        .asks(
            "max by (job) (vault_cluster_failure_tolerance{@} and on (job, instance)"
                + " vault_cluster_voters{@} > 2)"
                + " or -1 * group by (job) (vault_cluster_voters{@} <= 2)",
            "{{job}}")
        .runbook("VaultQuorumAtRisk", "VaultFailureToleranceReduced")
        .to(Shared.CLUSTER);
  }

  private static Panel alerts() {
    return Panel.table(
            "Alerts that fire",
            10,
            8,
            "What fires now and for how long its condition has held. A click on the alert opens"
                + " its runbook.")
        .looks(Look.PLAIN.absent("nothing fires"))
        .key("severity", "Severity")
        .key("alertname", "Alert")
        .key("instance", "Node")
        .key("destination", "Store")
        .column(
            "time() - min by (severity, alertname, instance, destination) (" + SINCE + ")",
            "For",
            Look.of(Unit.SECONDS));
  }

  private static Panel loss() {
    return Panel.table(
            "What may be lost",
            10,
            7,
            "Of each scenario in objectives: how old the newest data may be that comes back; how"
                + " old at the worst, by schedule and stores; how old now, by the newest backup."
                + " All: nothing may come back.")
        .looks(Look.PLAIN.absent("no objectives in the configuration"))
        .key("job", "Cluster")
        .key("scenario", "When")
        .column(
            "max by (job, scenario) (vault_objective_data_loss_seconds{@})",
            "Allowed",
            Look.of(Unit.SECONDS))
        .column(
            "max by (job, scenario) (vault_objective_data_loss_promised_seconds{@})",
            "At the worst",
            Look.of(Unit.SECONDS).absent("all"))
        .column(
            "(max by (job, scenario) (vault_objective_data_loss_promised_seconds{@}) > bool 0)"
                + " * on (job) group_left () (time() - "
                + Shared.NEWEST
                + ")",
            "Now",
            Look.of(Unit.SECONDS).absent("all"))
        .column(
            "min by (job, scenario) (vault_objective_data_loss_met{@})",
            "Kept",
            Look.good("yes", "NO"))
        .runbook("VaultObjectiveNotMet")
        .to(Shared.BACKUP);
  }

  private static Panel age() {
    return Panel.lines(
            "Age of the newest backup",
            8,
            5,
            "A saw: it rises until a backup is taken. Above the line of the interval a slot was"
                + " missed.")
        .in(Unit.SECONDS)
        .asks(Shared.AGE, "age, {{job}}")
        .asks(Shared.INTERVAL, "interval, {{job}}")
        .runbook("VaultBackupStale")
        .to(Shared.BACKUP);
  }

  static Panel next() {
    return Panel.stat(
            "Next backup in", 4, "Until the schedule's next backup is due; negative: it is late.")
        .tall(5)
        .looks(
            Look.of(Unit.SECONDS)
                .stepped(Colour.RED, new Step(-600, Colour.ORANGE), new Step(-60, Colour.GREEN))
                .absent("no schedule"))
        .asks("min by (job) (vault_backup_next_run_timestamp_seconds{@}) - time()", "{{job}}")
        .runbook("VaultBackupStale")
        .to(Shared.BACKUP);
  }
}
