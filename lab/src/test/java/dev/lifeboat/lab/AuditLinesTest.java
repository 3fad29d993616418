package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.lab.Provisioning.Credentials;
import dev.lifeboat.lab.Provisioning.Role;
import dev.lifeboat.vault.Product;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What watching costs in the audit log of a real cluster, counted in its lines.
///
/// A login is two lines, of which only the answer says whose it was. On a standby of OpenBao it is
/// four: the standby tries it, answers itself `cannot write to readonly storage`, and passes it on.
class AuditLinesTest {
  private static final Duration ELECTION = Duration.ofSeconds(30);
  private static final int READS = 4;

  /// Path, and the name under which we count our requests to it.
  private static final Map<String, String> CLUSTER_READS =
      Map.of(
          "sys/storage/raft/configuration", "raft_configuration",
          "sys/storage/raft/autopilot/state", "raft_autopilot_state",
          "sys/ha-status", "sys_ha_status");

  private static final Set<String> OWN_TOKEN =
      Set.of(
          "auth/approle/login",
          "auth/token/lookup-self",
          "auth/token/renew-self",
          "auth/token/revoke-self");

  @TempDir Path folder;

  @ParameterizedTest
  @BothProducts
  void only_the_active_node_is_read_with_a_token_and_each_read_is_two_lines(Product product) {
    var plan = ClusterPlan.of(TestClusters.binary(product), 3).audited();
    try (var cluster = Cluster.create(plan, folder.resolve("cluster"))) {
      Provisioning.install(cluster.root());
      var watchers = new HashMap<String, Watcher>();
      for (var node : cluster.nodes()) {
        var login = Watcher.approle(credentials(cluster, node));
        watchers.put(node.name(), Watcher.open(Watcher.beside(node, cluster, login)));
      }
      var active = cluster.awaitLeader(ELECTION).name();
      var watcher = Objects.requireNonNull(watchers.get(active));
      Await.until(
          READS + " rounds", ELECTION, () -> reads(watcher.scrape(), "sys_ha_status") >= READS);
      watchers.values().forEach(Watcher::close);

      var audit = lines(Cluster.auditFile(cluster.folder()));
      for (var node : cluster.nodes()) {
        var paths = paths(audit, node.name());
        assertEquals(1, paths.get("auth/approle/login"), () -> node + " logged in: " + paths);
        paths.keySet().removeAll(OWN_TOKEN);
        assertEquals(
            node.name().equals(active) ? CLUSTER_READS.keySet() : Set.of(), paths.keySet());
      }
      expectTwoLinesEach(watcher.scrape(), paths(audit, active));
      for (var line : audit) {
        assertTrue(!path(line).matches("sys/(health|seal-status|leader)"), line::toString);
      }
    }
  }

  private static void expectTwoLinesEach(Scrape scrape, Map<String, Integer> paths) {
    CLUSTER_READS.forEach(
        (path, endpoint) -> assertEquals(2 * reads(scrape, endpoint), paths.get(path), path));
  }

  private static int reads(Scrape scrape, String endpoint) {
    return (int)
        scrape
            .value("vault_exporter_api_requests_total{code=\"200\",endpoint=\"" + endpoint + "\"}")
            .orElse(0);
  }

  /// The watch role, with the node's name in the token's metadata and so in each audit line.
  private Credentials credentials(Cluster cluster, ClusterNode node) {
    var own = folder.resolve(node.name());
    var credentials = Provisioning.credentials(cluster.root(), Role.WATCH, own);
    var secretId =
        cluster
            .root()
            .put(
                "auth/approle/role/lifeboat-watch/secret-id",
                Map.of("metadata", "{\"node\": \"" + node.name() + "\"}"))
            .require()
            .text("data.secret_id");
    Folders.writeSecret(credentials.secretIdFile(), secretId);
    return credentials;
  }

  private static List<JsonNode> lines(Path file) {
    var lines = new ArrayList<JsonNode>();
    try {
      for (String line : Files.readAllLines(file)) {
        lines.add(JsonMapper.shared().readTree(line));
      }
      return lines;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String path(JsonNode line) {
    return line.path("request").path("path").asString("");
  }

  /// How many lines the token of this node's watcher caused, by path.
  private static Map<String, Integer> paths(List<JsonNode> lines, String node) {
    var paths = new TreeMap<String, Integer>();
    for (var line : lines) {
      if (by(line).equals(Optional.of(node))) {
        paths.merge(path(line), 1, Integer::sum);
      }
    }
    return paths;
  }

  private static Optional<String> by(JsonNode line) {
    var node = line.path("auth").path("metadata").path("node");
    return node.isString() ? Optional.of(node.stringValue()) : Optional.empty();
  }
}
