package dev.lifeboat.lab.alerts;

import static dev.lifeboat.lab.alerts.Healthy.on;

import java.util.List;
import java.util.stream.Stream;

/// What the rules of `certificates.yaml`, `storage.yaml` and `audit.yaml` are for.
final class MachineStories {
  private static final String NOT_AFTER = "vault_certificate_not_after_timestamp_seconds";
  private static final String AVAIL = "vault_storage_filesystem_avail_bytes";
  private static final String WRITTEN = "vault_node_audit_file_last_write_timestamp_seconds";
  private static final String EXISTS = "vault_node_audit_file_exists";
  private static final String FOUND = "vault_node_audit_file_request_found";

  private MachineStories() {}

  static List<Story> all() {
    return Stream.of(certificates(), disks(), audit()).flatMap(List::stream).toList();
  }

  private static List<Story> certificates() {
    return List.of(
        // Two weeks and three hours from the beginning.
        Story.ofDays("a certificate is not renewed", 1)
            .always(on(NOT_AFTER, "b", "certificate", "api"), "1220400")
            .first("4h5m", "VaultCertificateExpiring")
            .at("23h", "VaultCertificateExpiring"),
        Story.ofDays("a certificate is not renewed in the last days of its life", 3)
            .always(on(NOT_AFTER, "b", "certificate", "api"), "183600")
            .at("3h10m", "VaultCertificateExpiring")
            .at("3h15m", "VaultCertificateExpiresSoon", "VaultCertificateExpiring")
            .at("2d23h", "VaultCertificateExpiresSoon", "VaultCertificateExpiring"),
        Story.ofMinutes("a certificate is renewed in time", 200)
            .change(on(NOT_AFTER, "b", "certificate", "api"), "1212600", "100m", "10000000")
            .at("99m")
            .at("199m"),
        Story.ofMinutes("a certificate that had ended is renewed", 120)
            .change(on(NOT_AFTER, "b", "certificate", "api"), "0", "90m", "10000000")
            .first("10m", "VaultCertificateExpiresSoon")
            .at("89m", "VaultCertificateExpiresSoon", "VaultCertificateExpiring")
            .at("90m"));
  }

  private static List<Story> disks() {
    return List.of(
        // 35 % free, 28.8 % less in a day.
        Story.ofDays("a disk fills up slowly", 2)
            .always(on(AVAIL, "b", "path", "/data"), "35-0.1")
            .first("5h40m", "VaultStorageFillingUp")
            .at("23h", "VaultStorageFillingUp"),
        Story.ofDays("a disk fills up, and it was flat until then", 2)
            .values(on(AVAIL, "b", "path", "/data"), "39x119 38.9-0.3x100")
            .first("13h", "VaultStorageFillingUp"),
        Story.ofDays("a disk fills up, and much of it is still free", 2)
            .always(on(AVAIL, "b", "path", "/data"), "90-0.16")
            .first("1d2h35m", "VaultStorageFillingUp"),
        Story.ofDays("a small disk that stays as it is", 2)
            .always(on(AVAIL, "b", "path", "/data"), "6")
            .at("47h"),
        // One unit in a day.
        Story.ofDays("a disk that is full tomorrow by a hair", 1)
            .always(on("vault_storage_filesystem_size_bytes", "b", "path", "/data"), "2")
            .always(on(AVAIL, "b", "path", "/data"), "0.75-0.00347222")
            .first("35m", "VaultStorageFillingUp"),
        Story.ofDays("a disk that is full the day after tomorrow", 1)
            .always(on("vault_storage_filesystem_size_bytes", "b", "path", "/data"), "4")
            .always(on(AVAIL, "b", "path", "/data"), "1.5-0.0001")
            .at("23h"),
        Story.ofMinutes("a disk is almost full at once", 30)
            .change(on(AVAIL, "b", "path", "/data"), "5", "10m", "4.9")
            .first("15m", "VaultStorageAlmostFull"));
  }

  private static List<Story> audit() {
    return List.of(
        Story.ofMinutes("an audit file is gone from one node", 40)
            .change(on(EXISTS, "b", "device", "file"), "1", "10m", "0")
            .goes(WRITTEN + "{job=\"lifeboat\",instance=\"b\"", "10m")
            .first("15m", "VaultAuditFileMissing")
            .at("24m45s", "VaultAuditFileMissing")
            .at("25m", "VaultAuditDeviceUneven", "VaultAuditFileMissing"),
        Story.ofMinutes("a device that only one agent has", 40)
            .appears(on(EXISTS, "a", "device", "second"), "10m", "1")
            .first("25m", "VaultAuditDeviceUneven"),
        Story.ofMinutes("the node answers and writes nothing down", 30)
            .change(on(FOUND, "a", "device", "file"), "1", "10m", "0")
            .first("12m", "VaultAuditRequestMissing"),
        Story.ofMinutes("the node writes to another file since then", 40)
            .values(on(WRITTEN, "a", "device", "file"), "0+15x40 600x120")
            .goes(FOUND, "10m")
            .first("25m15s", "VaultAuditFileSilent"),
        Story.ofMinutes("a standby has nothing to write", 60)
            .always(on(WRITTEN, "b", "device", "file"), "0")
            .always(on("vault_exporter_poll_success", "b", "endpoint", "sys_ha_status"), "1")
            .at("59m"),
        Story.ofMinutes("an agent that asks nothing with a token", 60)
            .always(on(WRITTEN, "a", "device", "file"), "0")
            .without("vault_node_audit_file_request_found")
            .without("sys_ha_status")
            .at("59m"),
        Story.ofMinutes("the agent of a node restarts, and its files are not known for a while", 60)
            .values(on(EXISTS, "b", "device", "file"), "1x39 _x30 1x170")
            .at("59m"));
  }
}
