package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.lifeboat.backup.Milestones;
import dev.lifeboat.cli.Exit;
import dev.lifeboat.vault.Product;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The main path on one cluster of three, in this JVM: what `./verify quick` asks of real servers.
@Tag("quick")
class EverydayTest {
  private static final Duration BOUND = Duration.ofSeconds(30);

  @TempDir Path folder;

  @Test
  void a_backup_is_taken_and_verified_and_another_one_after_the_leader_has_died() {
    var agents = new ArrayList<AgentHere>();
    try (var cluster = TestClusters.start(Product.OPENBAO, 3, folder)) {
      var sites = Site.besideEach(cluster, folder.resolve("sites"));
      for (var site : sites) {
        agents.add(
            AgentHere.start(
                site.configure("watch.interval = 500ms"), InstantSource.system(), Milestones.NONE));
      }
      var leader = cluster.awaitLeader(BOUND);
      var first = beside(leader, cluster, sites);
      var before = first.backup();
      assertEquals(List.of(before), first.listed());
      first.verifyAll();

      cluster.kill(leader);
      var successor = cluster.awaitLeader(BOUND);
      assertNotEquals(leader, successor);
      var second = beside(successor, cluster, sites);
      awaitStatus(second, "\"active\"");
      // Its agent has stored none itself, but must not say that there is none.
      var status = second.run("status").expect(Exit.OK).out();
      assertFalse(status.contains("There is no backup"), status);
      awaitStatus(second, before);
      var after = second.backup();

      assertEquals(List.of(before, after), second.listed());
      second.verifyAll();
      awaitStatus(beside(leader, cluster, sites), "\"unreachable\"");
    } finally {
      agents.forEach(AgentHere::close);
    }
  }

  private static Site beside(ClusterNode node, Cluster cluster, List<Site> sites) {
    return sites.get(cluster.nodes().indexOf(node));
  }

  private static void awaitStatus(Site site, String word) {
    Await.until(word, BOUND, () -> site.run("status", "--json").out().contains(word));
  }
}
