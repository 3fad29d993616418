package dev.lifeboat.lab.dashboards;

import dev.lifeboat.lab.dashboards.Dashboard.Row;

/// The nodes' disks, audit files and certificates.
final class Machine {
  private static final String FREE =
      "vault_storage_filesystem_avail_bytes{@} / vault_storage_filesystem_size_bytes{@}";

  private Machine() {}

  static Row row() {
    return Row.of("Disks, audit files, certificates", free(), databases(), audit(), certificates());
  }

  private static Panel free() {
    return Panel.lines(
            "Free on disk",
            12,
            7,
            "Of the file systems of the raft folder, the audit files and the spool. Dashed: where"
                + " VaultStorageAlmostFull begins.")
        .looks(Look.of(Unit.PART).stepped(Colour.RED, new Step(0.05, Colour.GREEN)))
        .asks("min by (job, instance) (" + FREE + ")", "{{instance}}")
        .runbook("VaultStorageFillingUp", "VaultStorageAlmostFull");
  }

  private static Panel databases() {
    return Panel.lines(
            "Raft databases",
            12,
            7,
            "vault.db holds the data, raft.db the log. Neither shrinks: what is deleted is used"
                + " again.")
        .in(Unit.BYTES)
        .asks("vault_storage_database_size_bytes{@}", "{{database}}, {{instance}}")
        .runbook("VaultStorageFillingUp");
  }

  private static Panel audit() {
    return Panel.table(
            "Audit files",
            12,
            7,
            "Of each node. Recorded: the active node's answer to the agent's last request is in the"
                + " file.")
        .looks(Look.PLAIN.absent("no audit file in the configuration"))
        .key("job", "Cluster")
        .key("instance", "Node")
        .key("device", "Device")
        .column(
            "max by (job, instance, device) (vault_node_audit_file_exists{@})",
            "There",
            Look.good("yes", "NO"))
        .column(
            "max by (job, instance, device) (vault_node_audit_file_request_found{@})",
            "Recorded",
            Look.good("yes", "NO"))
        .column(
            "max by (job, instance, device) (vault_node_audit_file_size_bytes{@})",
            "Size",
            Look.of(Unit.BYTES))
        .column(
            "time() - max by (job, instance, device)"
                + " (vault_node_audit_file_last_write_timestamp_seconds{@})",
            "Written",
            Look.of(Unit.SECONDS))
        .runbook("VaultAuditFileMissing", "VaultAuditRequestMissing", "VaultAuditDeviceUneven");
  }

  private static Panel certificates() {
    return Panel.table(
            "Certificates end in",
            12,
            7,
            "api and cluster are the node's, lifeboat and client the agent's own. Orange within two"
                + " weeks, red within two days.")
        .looks(Look.PLAIN.absent("no certificate"))
        .key("job", "Cluster")
        .key("instance", "Node")
        .key("certificate", "Certificate")
        .column(
            "min by (job, instance, certificate)"
                + " (vault_certificate_not_after_timestamp_seconds{@}) - time()",
            "In",
            Look.falling(Unit.SECONDS, 2 * 86_400, 14 * 86_400))
        .runbook("VaultCertificateExpiring", "VaultCertificateExpiresSoon");
  }

  /// The first that ends, in one tile.
  static Panel firstCertificate(int width) {
    return Panel.stat(
            "Certificates end in",
            width,
            "The first that ends, of any node or agent. Orange within two weeks, red within two"
                + " days.")
        .looks(Look.falling(Unit.SECONDS, 2 * 86_400, 14 * 86_400).absent("no certificate"))
        .asks("min by (job) (vault_certificate_not_after_timestamp_seconds{@}) - time()", "{{job}}")
        .runbook("VaultCertificateExpiring", "VaultCertificateExpiresSoon")
        .to(Shared.STORAGE);
  }
}
