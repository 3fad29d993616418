package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Milestones;
import dev.lifeboat.backup.Milestones.Milestone;
import dev.lifeboat.cli.Exit;
import dev.lifeboat.daemon.ControlClient;
import dev.lifeboat.sandbox.LeashedProcess;
import dev.lifeboat.vault.Product;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import tools.jackson.databind.JsonNode;

/// What a person does with backups, by the real command line, against a real server.
@ParameterizedClass(name = "{0}")
@BothProducts
@SuppressWarnings("NullAway.Init") // Set before each invocation of the class.
class MainPathTest {
  private static final int MEBIBYTES = 4;

  @TempDir static Path base;
  private static Path folder;
  private static Cluster cluster;
  private static Site site;

  private final Product product;

  MainPathTest(Product product) {
    this.product = product;
  }

  @BeforeParameterizedClassInvocation
  static void start(Product product) {
    folder = Folders.create(base.resolve(product.name()));
    cluster = TestClusters.start(product, 1, folder);
    TestClusters.fill(cluster.root(), "tenants", MEBIBYTES);
    site = Site.beside(cluster, folder.resolve("site"));
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    cluster.close();
  }

  @Test
  void a_backup_is_taken_listed_inspected_verified_and_extracted_by_processes_of_their_own() {
    var manifest = site.process("backup", "--json").expect(Exit.OK).json();
    var id = manifest.path("id").stringValue();

    assertEquals(product.name().toLowerCase(Locale.ROOT), productOf(manifest));
    assertTrue(manifest.path("plain").path("bytes").asLong() > MEBIBYTES << 20);
    assertTrue(site.process("list").expect(Exit.OK).out().contains(id));
    assertTrue(site.process("inspect", id).expect(Exit.OK).out().contains(id));
    var shallow = site.process("verify", id).expect(Exit.OK);
    assertTrue(shallow.out().contains("not decrypted"), shallow.out());
    var deep = site.process("verify", "--all", "--identity", site.identity().toString());
    assertTrue(deep.expect(Exit.OK).out().contains("decrypted, and"), deep.out());

    var snapshot = folder.resolve("extracted.snap");
    site.process("extract", id, "-o", snapshot.toString(), "--identity", site.identity().toString())
        .expect(Exit.OK);
    assertEquals(manifest.path("plain").path("bytes").asLong(), snapshot.toFile().length());
    var facts = site.process("inspect", snapshot.toString(), "--json").expect(Exit.OK).json();
    assertEquals(manifest.path("raft").path("index").asLong(), facts.path("raft_index").asLong());
  }

  private static String productOf(JsonNode manifest) {
    return manifest.path("cluster").path("product").stringValue();
  }

  @Test
  void the_products_own_snapshot_is_inspected_too() {
    var snapshot = folder.resolve("own.snap");
    ProductCommand.of(cluster)
        .run("operator", "raft", "snapshot", "save", snapshot.toString())
        .expect(Exit.OK);

    var facts = site.run("inspect", snapshot.toString(), "--json").expect(Exit.OK).json();

    assertTrue(facts.path("raft_index").asLong() > 0);
    assertEquals(snapshot.toFile().length(), facts.path("plain_bytes").asLong());
  }

  @Test
  void a_running_agent_takes_the_backup_for_the_command_line() {
    var agent = site.startAgent();
    try {
      var id = site.process("backup", "--json").expect(Exit.OK).json().path("id").stringValue();

      assertTrue(site.listed().contains(id));
      // The client may have its answer before the line is written.
      Await.until(
          "the agent's log to say so",
          Duration.ofSeconds(5),
          () -> site.logText().contains("event=backup_stored backup=" + id));
    } finally {
      agent.close();
    }
    assertFalse(Files.exists(site.socket()));
  }

  @Test
  void the_control_socket_tells_of_the_progress_and_then_of_the_manifest() {
    var told = new CountDownLatch(1);
    Milestones heldUntilTold =
        milestone -> {
          if (milestone == Milestone.SPOOL_WRITTEN) {
            await(told);
          }
        };
    try (var _ = AgentHere.start(site, InstantSource.system(), heldUntilTold)) {
      var reply =
          ControlClient.ask(
              site.socket(),
              "backup",
              (stage, bytes) -> {
                if (stage.equals("snapshot") && bytes > 0) {
                  told.countDown();
                }
              });

      assertEquals(0, told.getCount());
      var done = assertInstanceOf(ControlClient.Reply.Done.class, reply);
      var id = done.value().path("manifest").path("id").stringValue();
      assertTrue(site.listed().contains(id));
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(20, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void a_second_agent_on_the_same_spool_refuses_to_start() {
    var agent = site.startAgent();
    try {
      site.process("agent").expect(Exit.ALREADY_RUNNING);

      assertTrue(agent.alive());
    } finally {
      agent.close();
    }
  }

  @Test
  void a_run_in_progress_keeps_others_out_and_leaves_nothing_when_it_is_told_to_end() {
    var before = site.listed();
    var log = folder.resolve("term.txt");
    try (LeashedProcess process = HeldMain.backup(site, Milestone.DATA_STORED, log)) {
      site.run("backup").expect(Exit.ALREADY_RUNNING);

      process.stop(Duration.ofSeconds(5));

      assertEquals(Exit.INTERRUPTED.code(), process.exitCode(), () -> Site.text(log));
    }
    assertEquals(before, site.listed());
    assertEquals(List.of(), site.spooled());
    assertEquals(Set.copyOf(before), site.objects().keySet());
  }
}
