package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Milestones;
import dev.lifeboat.cli.Exit;
import dev.lifeboat.lab.Minio.Kind;
import dev.lifeboat.sandbox.LeashedProcess;
import dev.lifeboat.vault.Product;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Backups go to one MinIO, and their copies to another one, as between two regions.
class ReplicaTest {
  private static final Duration BOUND = Duration.ofMinutes(2);
  private static final int KILLS = 5;
  private static final int FALLS = 3;
  private static final long SEED = 20_261_127;

  @TempDir Path folder;

  @Test
  void copies_follow_across_an_outage_and_bring_the_backup_back_alone() throws Exception {
    try (var here = Minio.start(folder.resolve("here"));
        var there = Minio.start(folder.resolve("there"));
        var cluster = TestClusters.start(Product.OPENBAO, 1, folder)) {
      TestClusters.fill(cluster.root(), "filling", 8);
      var site =
          Site.beside(cluster, folder.resolve("site"))
              .configure("stores.local = null")
              .configure(
                  "stores.near {\n%s}"
                      .formatted(here.storeBlock(here.bucket("backups", Kind.VERSIONED))))
              .configure(
                  "stores.far {\n%s}"
                      .formatted(there.storeBlock(there.bucket("backups", Kind.VERSIONED))))
              .configure("stores.far { replicate-from = near, part-size = 5MiB }");
      site.configure("backup.identity-file = \"%s\"".formatted(site.identity()));
      String first;
      String second;
      try (var _ = AgentHere.start(site, InstantSource.system(), Milestones.NONE)) {
        first = site.backup();
        awaitIn("far", first, site);
        there.stop();
        second = site.backup();
        Await.until(
            "a failure to be counted",
            BOUND,
            () ->
                site.scrape()
                        .value(
                            "vault_replica_failures_total{destination=\"far\","
                                + "reason=\"unavailable\"}")
                        .orElse(0)
                    > 0);
        var metrics = site.scrape();
        assertTrue(
            metrics.value("vault_replica_missing_backups{destination=\"far\"}").isEmpty(),
            "what is not known is not told");
        metrics.lint();
      }
      try (var _ = there.again()) {
        // The next agent knows nothing of all this, and sees what is missing.
        catchUp(site, List.of(first, second));
        here.stop();
        site.run(
                "extract",
                second,
                "-o",
                folder.resolve("back.snap").toString(),
                "--identity",
                site.identity().toString())
            .expect(Exit.OK);
      }
    }
  }

  @Test
  void an_agent_that_is_killed_in_the_middle_of_its_copies_to_another_machine_goes_on_with_them() {
    var far = Folders.create(folder.resolve("far"));
    try (var sshd = Sshd.start(folder.resolve("sshd"), "");
        var cluster = TestClusters.start(Product.OPENBAO, 1, folder)) {
      TestClusters.fill(cluster.root(), "filling", 24);
      var site =
          Site.beside(cluster, folder.resolve("site"))
              .configure("stores.far {\n%s}".formatted(sshd.storeBlock(far)))
              .configure("stores.far.replicate-from = local");
      var ids = List.of(site.backup(), site.backup(), site.backup());
      var random = new SplittableRandom(SEED);
      for (int kill = 0; kill < KILLS; kill++) {
        var agent = site.startAgent();
        boolean ended = agent.awaitEnd(Duration.ofMillis(random.nextLong(1500)));
        assertFalse(ended, site::logText);
        agent.kill();
      }
      ageUploads(far);

      var agent = site.startAgent();
      try {
        ids.forEach(id -> awaitIn("far", id, site));
        Await.until(
            "nothing to be missing",
            BOUND,
            () -> site.scrape().has("vault_replica_missing_backups{destination=\"far\"}", 0));
        // What it verifies afterwards is written in the same way.
        Await.until(
            "nothing to lie about",
            BOUND,
            () -> Site.files(far).stream().allMatch(name -> name.matches("\\d{8}T.*")));
      } finally {
        agent.kill();
      }

      Folders.delete(site.store());
      assertEquals(ids, site.listed());
      site.verifyAll();
    }
  }

  /// What the dead left goes after a day.
  private static void ageUploads(Path folder) {
    for (String name : Site.files(folder)) {
      if (name.startsWith(".partial-")) {
        var file = folder.resolve(name).toFile();
        assertTrue(file.setLastModified(file.lastModified() - Duration.ofDays(2).toMillis()));
      }
    }
  }

  @Test
  void a_leader_that_steps_down_in_the_middle_of_the_copies_leaves_them_to_the_next() {
    try (var here = Minio.start(folder.resolve("here"));
        var there = Minio.start(folder.resolve("there"));
        var cluster = TestClusters.start(Product.OPENBAO, 3, folder)) {
      TestClusters.fill(cluster.root(), "filling", 24);
      String near = here.storeBlock(here.bucket("backups", Kind.VERSIONED));
      String far = there.storeBlock(there.bucket("backups", Kind.VERSIONED));
      var sites = Site.besideEach(cluster, folder.resolve("site"));
      sites.forEach(
          site ->
              site.configure("stores.local = null")
                  .configure("stores.near {\n%s}".formatted(near))
                  .configure("stores.far {\n%s}".formatted(far))
                  .configure("stores.far { replicate-from = near, part-size = 5MiB }")
                  .configure("watch { interval = 1s, cluster-interval = 2s }"));
      var first = sites.get(cluster.nodes().indexOf(cluster.awaitLeader(BOUND)));
      var ids = List.of(first.backup(), first.backup(), first.backup());
      var random = new SplittableRandom(SEED);
      var agents = sites.stream().map(Site::startAgent).toList();
      try {
        for (int fall = 0; fall < FALLS; fall++) {
          pause(Duration.ofMillis(1000 + random.nextLong(2000)));
          cluster.awaitLeader(BOUND);
          cluster.root().put("sys/step-down", Map.of()).require();
        }
        ids.forEach(id -> awaitIn("far", id, first));
        Await.until(
            "nothing to be missing",
            BOUND,
            () ->
                sites.stream()
                    .anyMatch(
                        site ->
                            site.scrape()
                                .has("vault_replica_missing_backups{destination=\"far\"}", 0)));
      } finally {
        agents.forEach(LeashedProcess::kill);
      }

      here.stop();
      sites.forEach(site -> site.configure("stores.near = null, stores.far.replicate-from = null"));
      assertEquals(ids, first.listed());
      first.verifyAll();
    }
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }

  private static void catchUp(Site site, List<String> ids) {
    try (var _ = AgentHere.start(site, InstantSource.system(), Milestones.NONE)) {
      ids.forEach(id -> awaitIn("far", id, site));
      Await.until(
          "nothing to be missing",
          BOUND,
          () ->
              site.scrape().has("vault_replica_missing_backups{destination=\"far\"}", 0)
                  && site.scrape().has("vault_replica_lag_seconds{destination=\"far\"}", 0));
      // Verified where they lie: the record is the copy's own.
      ids.forEach(
          id -> Await.until(id + " to be verified", BOUND, () -> verifiedIn("far", id, site)));
    }
  }

  private static void awaitIn(String store, String id, Site site) {
    Await.until(
        id + " in " + store,
        BOUND,
        () -> entry(id, site).path("stores").toString().contains(store));
  }

  private static boolean verifiedIn(String store, String id, Site site) {
    return entry(id, site).path("verified").path(store).path("good").asBoolean(false);
  }

  private static JsonNode entry(String id, Site site) {
    var found =
        site.run("list", "--json")
            .json()
            .valueStream()
            .filter(each -> each.path("id").stringValue().equals(id))
            .toList();
    return List.copyOf(found).getFirst();
  }
}
