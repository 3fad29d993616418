package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.lab.Minio.Kind;
import dev.lifeboat.vault.Product;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;

/// Real agents beside two real nodes and one MinIO: the one beside the standby takes the slot when
/// the other one does not run, or cannot.
class StandInTest {
  private static final Duration BOUND = Duration.ofSeconds(60);

  /// Due long ago and once a year, so that all of this is about one slot.
  private static Site due(Site site, String schedule) {
    return site.configure("backup.schedules = null")
        .configure("backup.schedules { %s.cron = \"@yearly\" }".formatted(schedule));
  }

  @TempDir Path folder;

  @ParameterizedTest
  @BothProducts
  @Timeout(value = 3, unit = TimeUnit.MINUTES)
  void the_agent_of_a_standby_takes_what_was_yielded_and_what_nobody_takes(Product product)
      throws Exception {
    try (var minio = Minio.start(folder.resolve("minio"));
        var cluster = TestClusters.start(product, 3, folder)) {
      var sites = Site.besideEach(cluster, folder.resolve("site"));
      var leader = cluster.nodes().indexOf(cluster.awaitLeader(BOUND));
      var active = sites.get(leader);
      var standby = sites.get((leader + 1) % sites.size());
      for (var site : List.of(active, standby)) {
        due(site, "first")
            .configure("watch { interval = 1s, cluster-interval = 2s }")
            .configure("backup.coordination = far");
      }

      // Nobody else is there.
      stores(standby, minio, minio.bucket("alone", Kind.VERSIONED))
          .configure("backup.claim { standby-after = 2s }");
      var alone = standby.startAgent();
      try {
        Await.until(
            "the standby's backup", BOUND, () -> standby.logText().contains("event=backup_stored"));
      } finally {
        alone.kill();
      }
      assertTrue(standby.logText().contains("event=slot_stood_in"), standby::logText);
      assertEquals(1, standby.listed().size());

      // The active node's agent is there, and fails.
      String bucket = minio.bucket("yielded", Kind.VERSIONED);
      due(stores(standby, minio, bucket), "second")
          .configure("backup.claim { standby-after = 10s }");
      due(stores(active, minio, bucket), "second")
          .configure("backup.claim { lease = 1m, yield-after = 1 }")
          .configure("backup.canary.path = \"secret/no/right/to/write\"");
      var failing = active.startAgent();
      var second = standby.startAgent();
      try {
        Await.until(
            "the second backup",
            BOUND,
            () -> standby.logText().split("event=backup_stored", -1).length == 3);
      } finally {
        failing.kill();
        second.kill();
      }
      assertTrue(active.logText().contains("event=slot_yielded"), active::logText);
      try (var client = minio.client()) {
        assertEquals(
            1,
            client.listObjectsV2(request -> request.bucket(bucket)).contents().stream()
                .filter(object -> object.key().endsWith(".manifest"))
                .count());
      }
    }
  }

  private static Site stores(Site site, Minio minio, String bucket) {
    return site.configure("stores.far {\n%s}".formatted(minio.storeBlock(bucket)));
  }
}
