package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.cli.Exit;
import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.Product;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;

/// `lifeboat rekey` on real clusters: at each moment one set of shares opens them.
class RekeyTest {
  @TempDir Path folder;

  private Cluster start(Product product, int nodes) {
    return TestClusters.start(
        ClusterPlan.of(TestClusters.binary(product), nodes).shamir(5, 3), folder);
  }

  private Site site(Cluster cluster) {
    return Site.beside(cluster, folder.resolve("site")).withRekey(cluster);
  }

  private Path file(String name, List<Secret> shares) {
    return Folders.writeSecret(
        folder.resolve(name),
        shares.stream().map(Secret::reveal).collect(Collectors.joining("\n", "", "\n")));
  }

  private Path output() {
    return Folders.create(folder.resolve("new"));
  }

  private static void assertNoShare(Run run, Cluster cluster) {
    cluster
        .shares()
        .forEach(share -> assertFalse((run.out() + run.err()).contains(share.reveal())));
  }

  @ParameterizedTest
  @BothProducts
  void new_shares_open_every_node_and_old_ones_none(Product product) {
    try (var cluster = start(product, 3)) {
      var site = site(cluster);
      var old = file("old", cluster.shares()).toString();
      var into = output();

      var planned = site.run("rekey", "--plan", "-o", into.toString(), "--share-file", old);
      assertTrue(planned.expect(Exit.OK).out().contains("unseal key: 3 of 5 now"), planned.out());
      var run =
          site.process(
                  "rekey",
                  "--yes",
                  "-o",
                  into.toString(),
                  "--identity",
                  site.identity().toString(),
                  "--share-file",
                  old)
              .expect(Exit.OK);

      System.out.println(run.out());
      assertNoShare(run, cluster);
    }
  }
}
