package dev.lifeboat.lab.alerts;

import static dev.lifeboat.lab.alerts.Healthy.on;

import java.util.List;
import java.util.stream.Stream;

/// What the rules of `native.yaml` and `native-vault.yaml` are for.
final class NativeStories {
  private static final String REQUEST = "vault_core_handle_request";
  private static final String CONTACT = "vault_raft_leader_lastContact";
  private static final String PAUSES = "vault_runtime_total_gc_pause_ns";
  private static final String FAILED = "vault_audit_log_request_failure";
  private static final String LEASES = "vault_expire_num_leases";
  private static final String ROOT = "vault_token_create_root";
  private static final String CODE = "vault_core_response_status_code";

  private NativeStories() {}

  static List<Story> all() {
    return Stream.of(latency(), audit(), leases(), tokens(), nodes())
        .flatMap(List::stream)
        .toList();
  }

  private static List<Story> latency() {
    return List.of(
        Story.ofMinutes("requests take half a second", 40)
            .values(on(REQUEST, "a", "quantile", "0.99"), "499x39 501x59 499x60")
            .first("15m", "VaultRequestLatencyHigh")
            .at("29m30s", "VaultRequestLatencyHigh")
            .at("30m"),
        Story.ofMinutes("a slow request among hardly any", 40)
            .always(on(REQUEST, "a", "quantile", "0.99"), "9000")
            .always(on("vault_core_handle_request_count", "a"), "0+1.425")
            .at("39m"),
        Story.ofMinutes("a slow request among a few", 40)
            .always(on(REQUEST, "a", "quantile", "0.99"), "9000")
            .always(on("vault_core_handle_request_count", "a"), "0+1.575")
            .first("10m", "VaultRequestLatencyHigh"),
        Story.ofMinutes("requests are slow until there are none", 40)
            .always(on(REQUEST, "a", "quantile", "0.99"), "9000")
            .values(on("vault_core_handle_request_count", "a"), "0+3x80 240x80")
            .first("7m45s", "VaultRequestLatencyHigh")
            .at("22m15s", "VaultRequestLatencyHigh")
            .at("22m30s"),
        Story.ofMinutes("half of the requests are slow, and one in a hundred is not said", 40)
            .always(on(REQUEST, "a", "quantile", "0.99x"), "9000")
            .at("39m"),
        Story.ofMinutes("no request at all, so that the quantile is no number", 40)
            .notANumber(on(REQUEST, "a", "quantile", "0.99"))
            .notANumber(on(CONTACT, "a", "quantile", "0.99"))
            .at("39m"),
        Story.ofMinutes("the leader hears of a follower too seldom", 40)
            .values(on(CONTACT, "a", "quantile", "0.99"), "999x39 1001x19 999x100")
            .first("12m", "VaultLeaderContactSlow")
            .at("19m30s", "VaultLeaderContactSlow")
            .at("20m"),
        Story.ofMinutes("a former leader still says what it heard last", 40)
            .appears(on(CONTACT, "b", "quantile", "0.99"), "10m", "9000")
            .at("39m"),
        // 81 ms in each second.
        Story.ofMinutes("a node collects garbage all the time", 40)
            .values(on(PAUSES, "b"), "0+1185000000x40 48600000000+1500000000x20 78600000000+0x100")
            .first("15m30s", "VaultGarbageCollectionHigh")
            .at("16m", "VaultGarbageCollectionHigh")
            .at("16m15s"),
        // A fifth of the time for ten minutes, and then none.
        Story.ofMinutes("a node collected garbage for a while", 40)
            .values(on(PAUSES, "b"), "0+1185000000x39 47400000000+3150000000x40 173400000000x80")
            .at("23m", "VaultGarbageCollectionHigh")
            .at("23m15s"));
  }

  private static List<Story> audit() {
    return List.of(
        Story.ofMinutes("no audit device takes a request", 40)
            .change(on(FAILED, "a"), "0", "10m", "1")
            .first("10m", "VaultAuditLogFailing")
            .at("14m45s", "VaultAuditLogFailing")
            .at("15m"),
        Story.ofMinutes("no audit device takes an answer", 40)
            .change(on("vault_audit_log_response_failure", "a"), "0", "10m", "1")
            .first("10m", "VaultAuditLogFailing")
            .at("14m45s", "VaultAuditLogFailing")
            .at("15m"),
        Story.ofMinutes("the server restarts, and its counters with it", 40)
            .values(on(FAILED, "a"), "3x39 _x3 0x130")
            .values(on(PAUSES, "a"), "0+1185000000x39 _x3 0+1185000000x130")
            .at("39m"));
  }

  private static List<Story> leases() {
    return List.of(
        Story.ofMinutes("a credential cannot be revoked", 40)
            .change(on("vault_expire_num_irrevocable_leases", "a"), "0", "10m", "1")
            .first("25m", "VaultLeasesIrrevocable"),
        Story.ofMinutes("a former leader still counts what cannot be revoked", 40)
            .always(on("vault_expire_num_irrevocable_leases", "b"), "7")
            .at("39m"),
        Story.ofDays("leases grow by half in a day", 3)
            .change(on(LEASES, "a"), "20000", "1d12h", "30100")
            .first("1d12h30m", "VaultLeasesGrowing")
            .at("2d11h55m", "VaultLeasesGrowing")
            .at("2d12h"),
        Story.ofDays("leases grow by less than half", 3)
            .change(on(LEASES, "a"), "20000", "1d12h", "29900")
            .at("1d14h"),
        Story.ofDays("a few leases become many", 3)
            .change(on(LEASES, "a"), "10", "1d12h", "9900")
            .at("1d14h"),
        Story.ofDays("a few leases become ten thousand", 3)
            .change(on(LEASES, "a"), "10", "1d12h", "10100")
            .first("1d12h30m", "VaultLeasesGrowing"));
  }

  private static List<Story> tokens() {
    return List.of(
        Story.ofMinutes("the first root token since the server started", 200)
            .appears(on(ROOT, "a"), "100m", "1")
            .first("100m", "VaultRootTokenCreated")
            .at("159m", "VaultRootTokenCreated")
            .at("160m30s"),
        Story.ofMinutes("one more root token", 200)
            .change(on(ROOT, "a"), "3", "100m", "4")
            .first("100m", "VaultRootTokenCreated")
            .at("159m45s", "VaultRootTokenCreated")
            .at("160m"),
        Story.ofMinutes("a new Prometheus sees an old root token", 120)
            .always(on(ROOT, "a"), "1")
            .at("1m")
            .at("119m"),
        Story.ofMinutes("a root token soon after Prometheus is new", 120)
            .appears(on(ROOT, "a"), "30m", "1")
            .first("60m", "VaultRootTokenCreated")
            .at("89m45s", "VaultRootTokenCreated")
            .at("90m30s"));
  }

  private static List<Story> nodes() {
    return List.of(
        Story.ofMinutes("a node answers with errors of its own", 40)
            .values(on(CODE, "a", "code", "500", "type", "5xx"), "0x40 2+2x119")
            .first("19m", "VaultServerErrors"),
        Story.ofMinutes("a node gives hardly any error", 40)
            .always(on(CODE, "a", "code", "500", "type", "5xx"), "0+1.425")
            .at("39m"),
        Story.ofMinutes("a node gives a few too many errors", 40)
            .always(on(CODE, "a", "code", "502", "type", "5xx"), "0+1.575")
            .first("10m", "VaultServerErrors"),
        Story.ofMinutes("a node waits in vain for others", 40)
            .always(on(CODE, "a", "code", "504", "type", "5xx"), "0+3")
            .first("7m45s", "VaultServerErrors"));
  }
}
