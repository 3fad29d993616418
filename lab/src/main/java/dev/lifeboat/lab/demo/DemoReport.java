package dev.lifeboat.lab.demo;

import java.net.URI;
import java.util.List;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// What `./lifeboat demo --json` prints.
///
/// @param product `openbao` or `vault`
/// @param nodes their names
/// @param failoverSeconds from the leader's SIGKILL to the first write that was accepted
/// @param urls status page and metrics of each agent, the new leader's first
record DemoReport(
    String product,
    String version,
    List<String> nodes,
    String leaderBefore,
    String leaderAfter,
    double failoverSeconds,
    List<TakenBackup> backups,
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
    var addresses = json.putArray("urls");
    urls.forEach(url -> addresses.add(url.toString()));
    return JSON.writeValueAsString(json);
  }
}
