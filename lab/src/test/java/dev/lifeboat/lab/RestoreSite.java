package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.lifeboat.config.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// What a restore in a test needs besides its nodes: a site that has taken backups, the shares in a
/// file, a secret of which every node is asked.
final class RestoreSite {
  private static final String SECRET = "secret/data/tenant";
  private static final Duration BOUND = Duration.ofSeconds(10);

  private final Site site;
  private final Path folder;
  private final Path shares;

  private RestoreSite(Site site, Path folder, Path shares) {
    this.site = site;
    this.folder = folder;
    this.shares = shares;
  }

  /// Beside a cluster that still works.
  static RestoreSite of(Cluster cluster, Path folder) {
    var shares =
        Folders.writeSecret(
            folder.resolve("shares"),
            cluster.shares().stream()
                .map(Secret::reveal)
                .limit(cluster.plan().threshold())
                .collect(Collectors.joining("\n", "", "\n")));
    return new RestoreSite(Site.beside(cluster, folder.resolve("site")), folder, shares);
  }

  Site site() {
    return site;
  }

  Path journal() {
    return folder.resolve("journal");
  }

  Path shares() {
    return shares;
  }

  /// The nodes that are to be got back.
  RestoreSite into(NodeControl control, ClusterNode... silent) {
    site.configure(control.block(journal(), silent));
    return this;
  }

  static void write(Cluster cluster, String value) {
    cluster.root().post(SECRET, Map.of("data", Map.of("password", value))).require();
  }

  /// Asks each node by itself. A standby of OpenBao has what was just written a moment later.
  static void assertHas(Cluster cluster, String value) {
    for (var node : cluster.nodes()) {
      Await.until(
          "%s to have '%s'".formatted(node, value), BOUND, () -> value.equals(read(cluster, node)));
    }
  }

  private static String read(Cluster cluster, ClusterNode node) {
    var answer = node.api().withToken(cluster.rootToken()).get(SECRET);
    return answer.good() ? answer.text("data.data.password") : "";
  }

  String[] cluster(String... more) {
    return command(
        more,
        "restore",
        "cluster",
        "--force",
        "--cluster",
        "lab",
        "--share-file",
        shares.toString(),
        "--identity",
        site.identity().toString());
  }

  String[] region(String name, String... more) {
    return command(
        more,
        "restore",
        "region",
        name,
        "--force",
        "--cluster",
        "lab",
        "--yes",
        "--share-file",
        shares.toString(),
        "--identity",
        site.identity().toString());
  }

  String[] quorum(String... more) {
    return command(more, "restore", "quorum", "--share-file", shares.toString());
  }

  String[] node(ClusterNode node, String... more) {
    return command(more, "restore", "node", node.name(), "--share-file", shares.toString());
  }

  private static String[] command(String[] more, String... begin) {
    var all = new ArrayList<>(List.of(begin));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  Run run(String... command) {
    var run = site.run(command);
    assertFalse((run.out() + run.err()).contains(firstShare()), "a share was printed");
    return run;
  }

  private String firstShare() {
    return Site.text(shares).lines().findFirst().orElseThrow();
  }

  /// Every line of every journal.
  List<String> journalLines() {
    var lines = new ArrayList<String>();
    for (var name : Site.files(journal())) {
      if (name.endsWith(".journal")) {
        lines.addAll(Site.text(journal().resolve(name)).lines().toList());
      }
    }
    return lines;
  }

  /// As after the loss of a disk.
  static void wipe(ClusterNode node) {
    Folders.empty(node.config().raftFolder());
  }

  /// As after a disk that lies.
  static void damage(ClusterNode node) {
    try {
      Files.write(node.config().raftFolder().resolve("vault.db"), new byte[1 << 16]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
