package dev.lifeboat.status;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A [Status] as JSON, for `lifeboat status --json` and `/status.json`.
///
/// Every key below is always there; what is not known is `null`. Keys may be added, never renamed.
///
/// ```
/// {
///   "at": "2026-11-22T10:00:00Z",
///   "status": "ok" | "warning" | "critical",
///   "problems": [{"severity": "critical", "text": "…", "hint": "…"}],
///   "node": {
///     "name": "node-a", "address": "https://127.0.0.1:8200", "state": "active",
///     "product": "OpenBao", "version": "2.7.2", "cluster_name": "…", "cluster_id": "…",
///     "seal_type": "static", "storage_type": "raft", "leader": "https://127.0.0.1:8200",
///     "active_since": "…", "raft_applied_index": 4711, "raft_committed_index": 4711,
///     "polled_at": "…"
///   },
///   "peers": [{"id": "a", "address": "127.0.0.1:8201", "leader": true, "voter": true,
///              "healthy": true, "version": "2.7.2", "last_contact_seconds": 1.2, "index_lag": 0}],
///   "backups": null | {
///     "latest": [{"id": "…", "taken_at": "…", "node": "…", "raft_index": 4700,
///                 "plain_bytes": 1, "stored_bytes": 1, "stores": ["local"],
///                 "verified": "…", "trouble": null}],
///     "total": 7, "stores": "read" | "partly" | "not_yet" | "unreadable",
///     "unreadable": [{"store": "far", "required": true, "why": "…"}],
///     "wrong": ["…"], "missing": ["…"],
///     "in_progress": false, "next_run": "…", "last_failure": null
///   }
/// }
/// ```
public final class StatusJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private StatusJson() {}

  /// Indented, ending with a line end.
  public static String render(Status status) {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("at", status.at().toString());
    root.put("status", status.worst().map(Status.Severity::label).orElse("ok"));
    ArrayNode problems = root.putArray("problems");
    for (Status.Trouble problem : status.problems()) {
      problems
          .addObject()
          .put("severity", problem.severity().label())
          .put("text", problem.text())
          .put("hint", problem.hint());
    }
    putNode(root.putObject("node"), status.node());
    ArrayNode peers = root.putArray("peers");
    status.peers().forEach(peer -> putPeer(peers.addObject(), peer));
    if (status.backups().isPresent()) {
      putBackups(root.putObject("backups"), status.backups().get());
    } else {
      root.putNull("backups");
    }
    return MAPPER.writeValueAsString(root).replace("\r\n", "\n") + "\n";
  }

  private static void putNode(ObjectNode json, Status.Node node) {
    json.put("name", node.name());
    json.put("address", node.address().toString());
    json.put("state", node.role().label());
    json.put("product", text(node.product()));
    json.put("version", text(node.version()));
    json.put("cluster_name", text(node.clusterName()));
    json.put("cluster_id", text(node.clusterId()));
    json.put("seal_type", text(node.sealType()));
    json.put("storage_type", text(node.storageType()));
    json.put("leader", text(node.leader()));
    json.put("active_since", text(node.activeSince()));
    put(json, "raft_applied_index", node.raftAppliedIndex());
    put(json, "raft_committed_index", node.raftCommittedIndex());
    json.put("polled_at", node.polledAt().toString());
  }

  private static void putPeer(ObjectNode json, Status.Peer peer) {
    json.put("id", peer.id());
    json.put("address", peer.address());
    json.put("leader", peer.leader());
    json.put("voter", peer.voter());
    json.put("healthy", peer.healthy().orElse(null));
    json.put("version", text(peer.version()));
    json.put("last_contact_seconds", seconds(peer.lastContact()));
    put(json, "index_lag", peer.indexLag());
  }

  private static void putBackups(ObjectNode json, Status.Backups backups) {
    ArrayNode latest = json.putArray("latest");
    for (Status.Backup backup : backups.latest()) {
      ObjectNode entry = latest.addObject();
      entry.put("id", backup.id());
      entry.put("taken_at", backup.takenAt().toString());
      entry.put("node", backup.node());
      backup.raftIndex().ifPresent(index -> entry.put("raft_index", index));
      entry.put("plain_bytes", backup.plainBytes());
      entry.put("stored_bytes", backup.storedBytes());
      putAll(entry.putArray("stores"), backup.stores());
      entry.put("verified", text(backup.verified()));
      entry.put("trouble", text(backup.trouble()));
    }
    if (backups.known()) {
      json.put("total", backups.total());
    } else {
      json.putNull("total");
    }
    json.put("stores", backups.stores().name().toLowerCase(Locale.ROOT));
    ArrayNode unreadable = json.putArray("unreadable");
    for (Status.Unreadable store : backups.unreadable()) {
      ObjectNode entry = unreadable.addObject();
      entry.put("store", store.store());
      entry.put("required", store.required());
      entry.put("why", store.why());
    }
    putAll(json.putArray("wrong"), backups.wrong());
    putAll(json.putArray("missing"), backups.missing());
    json.put("in_progress", backups.inProgress());
    json.put("next_run", text(backups.nextRun()));
    if (!backups.nextRuns().isEmpty()) {
      ObjectNode runs = json.putObject("next_runs");
      backups.nextRuns().forEach((schedule, at) -> runs.put(schedule, at.toString()));
    }
    json.put("last_failure", text(backups.lastFailure()));
  }

  private static void putAll(ArrayNode array, List<String> values) {
    values.forEach(array::add);
  }

  private static void put(ObjectNode json, String key, OptionalLong value) {
    if (value.isPresent()) {
      json.put(key, value.getAsLong());
    } else {
      json.putNull(key);
    }
  }

  private static @Nullable String text(Optional<?> value) {
    return value.map(Object::toString).orElse(null);
  }

  private static @Nullable Double seconds(Optional<Duration> span) {
    return span.map(value -> value.toMillis() / 1000.0).orElse(null);
  }
}
