package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.cli.Exit;
import dev.lifeboat.vault.Product;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;

/// `lifeboat restore region` on real servers; AWS is moto.
class RestoreRegionTest {
  private static final String NAME = "vault.lab.example";
  private static final String EAST = "203.0.113.1";
  private static final String WEST = "198.51.100.2";

  @TempDir Path folder;

  private Cluster start(Product product) {
    return TestClusters.start(ClusterPlan.of(TestClusters.binary(product), 1).shamir(5, 3), folder);
  }

  private static String answers(String address) {
    return "answers = [\"%s\"], stores = [local]".formatted(address);
  }

  @ParameterizedTest
  @BothProducts
  void a_region_is_lost_the_cluster_goes_on_in_another_and_comes_home_with_what_was_written_there(
      Product product) {
    try (var moto = Moto.start(folder.resolve("moto"));
        var east = start(product)) {
      RestoreSite.write(east, "kept");
      var site = RestoreSite.of(east, folder);
      site.site().backup();
      RestoreSite.write(east, "lost");
      east.nodes().forEach(east::kill);
      var zone = moto.zone("lab.example");
      moto.record(zone, NAME, EAST);
      try (var west = Cluster.blank(east.plan(), folder.resolve("west"), east);
          var there = NodeControl.of(west);
          var here = NodeControl.of(east);
          var door =
              NamedDoor.of(
                  moto,
                  zone,
                  NAME,
                  Map.of(EAST, east.nodes().getFirst(), WEST, west.nodes().getFirst()))) {
        site.site()
            .configure("restore { folder = \"%s\", start-timeout = 60s }".formatted(site.journal()))
            .configure(moto.recordBlock(zone, NAME))
            .configure("restore.public-address = \"%s\"".formatted(door.address()))
            .configure(here.region("east", false, answers(EAST)))
            .configure(there.region("west", true, answers(WEST)));

        var unsure = site.run(site.region("west")).expect(Exit.RESTORE_FAILED);
        assertTrue(
            unsure.err().contains("whether east/node-1 still serves is not known"), unsure.err());
        assertEquals(EAST, moto.answer(zone, NAME), "nothing was begun");

        var away = site.run(site.region("west", "--lost", "east")).expect(Exit.OK);

        assertTrue(away.out().contains("let A %s answer %s: now %s".formatted(NAME, WEST, EAST)));
        assertTrue(away.out().contains("before %s, ttl 300 s".formatted(EAST)), away.out());
        assertTrue(away.out().contains("ask as clients do  ok"), away.out());
        assertEquals(WEST, moto.answer(zone, NAME));
        RestoreSite.assertHas(west, "kept");

        RestoreSite.write(west, "written in the west");
        site.site().configure(here.region("east", true, answers(EAST)));
        var home = site.run(site.region("east")).expect(Exit.OK);

        assertTrue(home.out().contains("take a backup of what http"), home.out());
        assertTrue(home.out().contains("written after the backup "), home.out());
        assertEquals(EAST, moto.answer(zone, NAME));
        assertFalse(west.nodes().getFirst().running(), "the west is fenced");
        RestoreSite.assertHas(east, "written in the west");
      }
    }
  }

  @Test
  void what_serves_and_cannot_be_stopped_keeps_its_region() {
    try (var east = start(Product.OPENBAO)) {
      var site = RestoreSite.of(east, folder);
      site.site().backup();
      try (var west = Cluster.blank(east.plan(), folder.resolve("west"), east);
          var there = NodeControl.of(west);
          var here = NodeControl.of(east)) {
        site.site()
            .configure("restore.folder = \"%s\"".formatted(site.journal()))
            .configure(here.region("east", false, answers(EAST)))
            .configure(there.region("west", true, answers(WEST)));

        var run = site.run(site.region("west", "--lost", "east")).expect(Exit.RESTORE_FAILED);

        assertTrue(run.err().contains("east/node-1 serves at"), run.err());
        assertFalse(west.nodes().getFirst().running());

        // Sealed it passes nothing on, whoever started it.
        east.seal(east.nodes().getFirst());
        site.run(site.region("west", "--lost", "east")).expect(Exit.OK);
        assertTrue(east.nodes().getFirst().running());
      }
    }
  }
}
