package dev.lifeboat.lab.dashboards;

import dev.lifeboat.lab.dashboards.Dashboard.Row;
import java.util.List;

/// How much there is, how fast it grows, and what the agents themselves take of the machine.
final class StorageDashboard {
  private StorageDashboard() {}

  static Dashboard dashboard() {
    return new Dashboard(
        "storage",
        "Storage and runtime",
        "How much is stored, how fast it grows, and what the agents take of the machine.",
        List.of(
            Row.of("What is stored", size(), growth(), stores(), entries()),
            Machine.row(),
            Row.of(
                "PostgreSQL, where it is the storage",
                up(),
                connections(),
                database(),
                recovery(),
                tables(),
                used(),
                standbyBytes(),
                standbySeconds()),
            Row.of(
                "Runtime of the agents",
                cpu(),
                resident(),
                heap(),
                buffers(),
                collections(),
                threads(),
                files())));
  }

  private static Panel size() {
    return Panel.lines(
            "Size of a snapshot",
            12,
            7,
            "What the raft store holds, by its newest backup: the plain snapshot.")
        .in(Unit.BYTES)
        .asks("max by (job) (vault_backup_last_size_bytes{@})", "{{job}}")
        .runbook("VaultBackupSizeDrop")
        .to(Shared.BACKUP);
  }

  private static Panel growth() {
    return Panel.stat(
            "Growth of a snapshot, a day",
            6,
            "By the line through the snapshots' sizes of the time shown. Negative: much was"
                + " deleted.")
        .tall(7)
        .in(Unit.BYTES)
        .asks("86400 * max by (job) (deriv(vault_backup_last_size_bytes{@}[$__range]))", "{{job}}")
        .runbook("VaultBackupSizeDrop");
  }

  private static Panel stores() {
    return Panel.bars("Bytes in stores", 6, 7, "What trusted backups take in each store now.")
        .looks(Look.of(Unit.BYTES).absent("no store can be read"))
        .asks("max by (job, destination) (vault_backup_stored_bytes{@})", "{{destination}}")
        .to(Shared.BACKUP);
  }

  private static Panel entries() {
    return Panel.lines(
            "Raft entries applied",
            24,
            6,
            "A second, by each node to its own store: what is written to its disk.")
        .in(Unit.PER_SECOND)
        .asks("deriv(vault_node_raft_applied_index{@}[$__rate_interval])", "{{instance}}")
        .runbook("VaultRaftApplyBacklog")
        .to(Shared.CLUSTER);
  }

  private static Panel up() {
    return Panel.stat("Database", 6, "Whether it answered when it was measured last.")
        .looks(Look.good("answers", "DOWN").absent("no database"))
        .asks("min by (job) (vault_storage_postgresql_up{@})", "{{job}}")
        .runbook("VaultPostgresqlDown");
  }

  private static Panel connections() {
    return Panel.stat("Connections in use", 6, "Of those that the server takes at most.")
        .looks(Look.rising(Unit.PART, 0.6, 0.8).absent("no database"))
        .asks(
            "max by (job) (vault_storage_postgresql_connections{@}"
                + " / vault_storage_postgresql_max_connections{@})",
            "{{job}}")
        .runbook("VaultPostgresqlConnectionsHigh");
  }

  private static Panel database() {
    return Panel.stat("Size of the database", 6, "With its indexes.")
        .looks(Look.of(Unit.BYTES).absent("no database"))
        .asks("max by (job) (vault_storage_postgresql_database_size_bytes{@})", "{{job}}")
        .runbook("VaultPostgresqlDown");
  }

  private static Panel recovery() {
    return Panel.stat("Asked server", 6, "Whether the server that the agents ask is the primary.")
        .looks(
            Look.PLAIN
                .meaning(
                    new Meaning(0, "primary", Colour.GREEN),
                    new Meaning(1, "a standby", Colour.ORANGE))
                .absent("no database"))
        .asks("max by (job) (vault_storage_postgresql_in_recovery{@})", "{{job}}")
        .runbook("VaultPostgresqlReplayLate");
  }

  private static Panel tables() {
    return Panel.lines("Size of tables", 12, 7, "The five largest of the twenty that are measured.")
        .in(Unit.BYTES)
        .asks(
            "topk by (job) (5, max by (job, table) (vault_storage_postgresql_table_size_bytes{@}))",
            "{{table}}")
        .runbook("VaultPostgresqlDown");
  }

  private static Panel used() {
    return Panel.lines("Connections", 12, 7, "To the database, and how many it takes at most.")
        .asks("max by (job) (vault_storage_postgresql_connections{@})", "in use, {{job}}")
        .asks("max by (job) (vault_storage_postgresql_max_connections{@})", "at most, {{job}}")
        .runbook("VaultPostgresqlConnectionsHigh");
  }

  private static Panel standbyBytes() {
    return Panel.lines(
            "Not replayed by standbys",
            12,
            7,
            "What would be lost if that standby of the database took over now.")
        .in(Unit.BYTES)
        .asks(
            "max by (job, standby) (vault_storage_postgresql_replication_lag_bytes{@})",
            "{{standby}}")
        .runbook("VaultPostgresqlStandbyBehind");
  }

  private static Panel standbySeconds() {
    return Panel.lines(
            "Asked standby is behind by",
            12,
            7,
            "Only where the asked server is a standby, and behind.")
        .in(Unit.SECONDS)
        .asks(
            "max by (job, instance) (vault_storage_postgresql_replication_lag_seconds{@})",
            "{{instance}}")
        .runbook("VaultPostgresqlReplayLate");
  }

  private static Panel cpu() {
    return Panel.lines("Processor", 12, 7, "Of one processor, by each agent.")
        .in(Unit.PART)
        .asks(
            "sum by (job, instance) (rate(process_cpu_seconds_total{@}[$__rate_interval]))",
            "{{instance}}");
  }

  private static Panel resident() {
    return Panel.lines("Memory resident", 12, 7, "All of each agent's process.")
        .in(Unit.BYTES)
        .asks("max by (job, instance) (process_resident_memory_bytes{@})", "{{instance}}");
  }

  private static Panel heap() {
    return Panel.lines("Heap in use", 12, 7, "Of each agent, and the most it may grow to.")
        .in(Unit.BYTES)
        .asks("max by (job, instance) (jvm_memory_used_bytes{@, area=\"heap\"})", "{{instance}}")
        .asks("min by (job) (jvm_memory_max_bytes{@, area=\"heap\"})", "at most, {{job}}");
  }

  private static Panel buffers() {
    return Panel.lines("Buffers outside the heap", 12, 7, "By pool, of the agent with most.")
        .in(Unit.BYTES)
        .asks("max by (job, pool) (jvm_buffer_pool_used_bytes{@})", "{{pool}}");
  }

  private static Panel collections() {
    return Panel.lines("Time in garbage collection", 8, 7, "The part of each second, by collector.")
        .in(Unit.PART)
        .asks(
            "max by (job, gc) (rate(jvm_gc_collection_seconds_sum{@}[$__rate_interval]))",
            "{{gc}}");
  }

  private static Panel threads() {
    return Panel.lines("Threads", 8, 7, "Platform threads of each agent.")
        .asks("max by (job, instance) (jvm_threads_current{@})", "{{instance}}");
  }

  private static Panel files() {
    return Panel.lines("File descriptors in use", 8, 7, "Of those that may be open, by each agent.")
        .looks(Look.of(Unit.PART).stepped(Colour.GREEN, new Step(0.8, Colour.RED)))
        .asks("max by (job, instance) (process_open_fds{@} / process_max_fds{@})", "{{instance}}")
        .runbook("VaultExporterOutOfFiles");
  }
}
