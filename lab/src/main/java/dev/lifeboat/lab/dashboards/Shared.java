package dev.lifeboat.lab.dashboards;

/// Panels and expressions that more than one dashboard has.
final class Shared {
  static final String CLUSTER = "lifeboat-cluster";
  static final String BACKUP = "lifeboat-backup";
  static final String REPLICA = "lifeboat-replica";
  static final String REQUESTS = "lifeboat-requests";
  static final String STORAGE = "lifeboat-storage";
  static final String EXPORTER = "lifeboat-exporter";

  static final String NEWEST = "max by (job) (vault_backup_last_success_timestamp_seconds{@})";
  static final String INTERVAL = "max by (job) (vault_backup_interval_seconds{@})";
  static final String AGE = "time() - " + NEWEST;

  /// Red where `VaultBackupUnverified` begins.
  static final Look VERIFIED = Look.rising(Unit.SECONDS, 8 * 86_400, 14 * 86_400);

  /// In the order of the meanings of [#nodeStates].
  private static final String[] STATES = {
    "active",
    "standby",
    "perf_standby",
    "dr_secondary",
    "sealed",
    "uninitialized",
    "removed",
    "unreachable"
  };

  private Shared() {}

  /// A number for each state, which is a word on the panel; 0 while the agent itself is silent.
  static Panel nodeStates(int width, int height) {
    var expression = new StringBuilder();
    for (int i = 0; i < STATES.length; i++) {
      expression.append(i == 0 ? "" : " or ");
      expression.append(
          "%d * (vault_node_state{@, state=\"%s\"} == 1)".formatted(i + 1, STATES[i]));
    }
    return Panel.states(
            "Node states",
            width,
            height,
            "What each node is, as its own agent sees it. A node that is sealed or was restarted"
                + " stays on the page. Silent: the agent does not answer Prometheus.")
        .looks(
            Look.PLAIN.meaning(
                new Meaning(0, "silent", Colour.TEXT),
                new Meaning(1, "active", Colour.GREEN),
                new Meaning(2, "standby", Colour.BLUE),
                new Meaning(3, "perf standby", Colour.BLUE),
                new Meaning(4, "DR secondary", Colour.BLUE),
                new Meaning(5, "sealed", Colour.RED),
                new Meaning(6, "uninitialised", Colour.ORANGE),
                new Meaning(7, "removed", Colour.ORANGE),
                new Meaning(8, "unreachable", Colour.RED)))
        .asks("max by (job, instance) (" + expression + " or (up{@} == 0))", "{{instance}}")
        .runbook("VaultSealed", "VaultNodeUnreachable", "VaultExporterDown");
  }

  static Panel newestBackup(int width) {
    return Panel.stat(
            "Newest backup",
            width,
            "How old the newest backup in any store is: all written since would be lost with the"
                + " cluster. Its colour is in the tile beside it.")
        .looks(Look.of(Unit.SECONDS).absent("no backup"))
        .asks(AGE, "{{job}}")
        .runbook("VaultBackupStale", "VaultBackupNeverSucceeded");
  }

  static Panel ofItsInterval(int width) {
    return Panel.stat(
            "… of its interval",
            width,
            "Age of the newest backup as a part of the schedule's interval. Up to 100 % is"
                + " the schedule; from 125 % on VaultBackupStale fires.")
        .looks(Look.rising(Unit.PART, 1, 1.25).absent("no backup, or no schedule"))
        .asks("(" + AGE + ") / " + INTERVAL, "{{job}}")
        .runbook("VaultBackupStale");
  }

  static Panel verified(int width) {
    return Panel.stat(
            "Last verified",
            width,
            "How long ago a stored backup was last read back and found good, in any store.")
        .looks(VERIFIED.absent("never verified"))
        .asks("time() - max by (job) (vault_backup_last_verified_timestamp_seconds{@})", "{{job}}")
        .runbook("VaultBackupUnverified", "VaultBackupNeverVerified", "VaultBackupWrong");
  }

  /// A row a store, all agents together: each says the same of it.
  static Panel stores(int width, int height) {
    return Panel.table(
            "Stores",
            width,
            height,
            "A line a store, as the agents read it last. Missing: seen there by an agent, kept by"
                + " retention, and gone. Wrong: not what was written, by its newest verification.")
        .key("job", "Cluster")
        .key("destination", "Store")
        .column(
            "min by (job, destination) (vault_backup_store_readable{@})",
            "Readable",
            Look.good("yes", "NO"))
        .column(
            "max by (job, destination) (vault_backup_stored_snapshots{@})",
            "Backups",
            Look.falling(Unit.NONE, 1, 1))
        .column(
            "time() - max by (job, destination)"
                + " (vault_backup_newest_snapshot_timestamp_seconds{@})",
            "Newest",
            Look.of(Unit.SECONDS))
        .column(
            "time() - max by (job, destination) (vault_backup_last_verified_timestamp_seconds{@})",
            "Verified",
            VERIFIED)
        .column(
            "max by (job, destination) (vault_backup_store_missing_backups{@})",
            "Missing",
            Look.none())
        .column("max by (job, destination) (vault_backup_wrong_snapshots{@})", "Wrong", Look.none())
        .runbook(
            "VaultBackupStoreUnreadable",
            "VaultBackupStoreBehind",
            "VaultBackupMissing",
            "VaultBackupWrong");
  }

  static Panel tokenEnds(int width) {
    return Panel.stat(
            "Token ends in",
            width,
            "How long the agents' tokens last, the one that ends first. It is renewed long before;"
                + " absent for a token that never ends.")
        .looks(Look.falling(Unit.SECONDS, 120, 300).absent("no token that ends"))
        .asks("min by (job) (vault_exporter_token_expiry_timestamp_seconds{@}) - time()", "{{job}}")
        .runbook("VaultTokenExpiring");
  }

  static Panel healthLatency(int width, int height) {
    return Panel.lines(
            "Health check, 99 of 100 are quicker",
            width,
            height,
            "99th percentile of sys/health as each agent sees its node. Dashed: where"
                + " VaultProbeLatencyHigh begins.")
        .looks(Look.of(Unit.SECONDS).stepped(Colour.GREEN, new Step(0.5, Colour.RED)))
        .asks(
            "histogram_quantile(0.99, sum by (job, instance, le) (rate("
                + "vault_exporter_api_request_duration_seconds_bucket{@,"
                + " endpoint=\"sys_health\"}[$__rate_interval])))",
            "{{instance}}")
        .runbook("VaultProbeLatencyHigh")
        .to(REQUESTS);
  }
}
