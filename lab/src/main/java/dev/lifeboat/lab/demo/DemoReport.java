package dev.lifeboat.lab.demo;

import java.net.URI;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// What `./lifeboat demo --json` prints.
///
/// @param product `openbao` or `vault`
/// @param nodes their names
/// @param failoverSeconds from the leader's SIGKILL to the first write that was accepted
/// @param restore of the whole cluster
/// @param urls status page and metrics of each agent, the new leader's first
record DemoReport(
    String product,
    String version,
    List<String> nodes,
    String leaderBefore,
    String leaderAfter,
    double failoverSeconds,
    List<TakenBackup> backups,
    Restored restore,
    List<URI> urls) {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /// @param verified read back from the store and decrypted, the archive inside checked
  record TakenBackup(
      String id,
      String node,
      long raftIndex,
      long plainBytes,
      long storedBytes,
      boolean verified) {}

  /// @param id of the backup
  /// @param secretsProven read back on every node
  /// @param rtoSeconds from the beginning of the restore to the last node proven
  /// @param phases seconds of each step
  /// @param lostWrites secrets that were written after the backup, and are gone
  record Restored(
      String id,
      int nodesProven,
      int secretsProven,
      double rtoSeconds,
      Map<String, Double> phases,
      int lostWrites) {}

  String toJson() {
    var json = JSON.createObjectNode();
    json.put("product", product).put("version", version);
    nodes.forEach(json.putArray("nodes")::add);
    json.put("leader_before", leaderBefore)
        .put("leader_after", leaderAfter)
        .put("failover_seconds", Math.round(failoverSeconds * 100) / 100.0);
    var list = json.putArray("backups");
    for (var backup : backups) {
      list.addObject()
          .put("id", backup.id())
          .put("node", backup.node())
          .put("raft_index", backup.raftIndex())
          .put("plain_bytes", backup.plainBytes())
          .put("stored_bytes", backup.storedBytes())
          .put("verified", backup.verified());
    }
    var restored = json.putObject("restore");
    restored
        .put("id", restore.id())
        .put("nodes_proven", restore.nodesProven())
        .put("secrets_proven", restore.secretsProven())
        .put("rto_seconds", restore.rtoSeconds());
    restore.phases().forEach(restored.putObject("phases")::put);
    restored.put("lost_writes", restore.lostWrites());
    var addresses = json.putArray("urls");
    urls.forEach(url -> addresses.add(url.toString()));
    return JSON.writeValueAsString(json);
  }
}
