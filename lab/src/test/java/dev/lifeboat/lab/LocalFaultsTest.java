package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Milestones;
import dev.lifeboat.cli.Exit;
import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.Product;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Disks, credentials and keys that fail a backup; the exit code of each is the documented one.
/// Nothing here depends on the product.
class LocalFaultsTest {
  private static final int MEBIBYTES = 4;

  @TempDir static Path sharedFolder;
  private static Cluster cluster;

  @TempDir Path folder;
  private Site site;

  @BeforeAll
  static void start() {
    cluster = TestClusters.start(Product.OPENBAO, 1, sharedFolder);
    TestClusters.fill(cluster.root(), "filling", MEBIBYTES);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void configure() {
    site = Site.beside(cluster, folder.resolve("site"));
  }

  @Test
  void a_spool_that_is_full_fails_the_backup_and_is_left_empty() {
    try (var disk = Tmpfs.mount(folder.resolve("disk"), "2m")) {
      site.configure("backup.spool = \"" + disk.folder() + "\"");

      var failed = site.run("backup").expect(Exit.STORE_FAILED);

      assertTrue(failed.err().contains("space"), failed.err());
      assertEquals(List.of(".lock"), Site.files(disk.folder()));
      assertEquals(List.of(), Site.files(site.store()));
    }
    site.configure("backup.spool = \"" + site.spool() + "\"");
    site.backup();
  }

  @Test
  void a_store_that_is_full_fails_the_backup_and_keeps_what_it_had() {
    try (var disk = Tmpfs.mount(folder.resolve("disk"), "6m")) {
      site.configure("stores.local.path = \"" + disk.folder() + "\"");
      var first = site.backup();
      var before = Site.files(disk.folder());

      var failed = site.run("backup").expect(Exit.STORE_FAILED);

      assertTrue(failed.err().contains("space"), failed.err());
      assertEquals(before, Site.files(disk.folder()));
      assertEquals(List.of(first), site.listed());
      site.verifyAll();
      assertEquals(List.of(), site.spooled());
    }
  }

  @Test
  void one_of_two_stores_that_is_full_fails_the_backup_in_both() {
    try (var disk = Tmpfs.mount(folder.resolve("disk"), "2m")) {
      site.configure("stores.small { type = local, path = \"" + disk.folder() + "\" }");

      site.run("backup").expect(Exit.STORE_FAILED);

      assertEquals(List.of(), Site.files(disk.folder()));
      assertEquals(List.of(), Site.files(site.store()));
    }
  }

  @Test
  void a_store_that_is_read_only_fails_the_backup_and_can_still_be_read() {
    try (var disk = Tmpfs.mount(folder.resolve("disk"), "32m")) {
      site.configure("stores.local.path = \"" + disk.folder() + "\"");
      var id = site.backup();
      disk.readOnly();

      var failed = site.run("backup").expect(Exit.STORE_FAILED);

      assertTrue(failed.err().contains(disk.folder().toString()), failed.err());
      assertEquals(List.of(id), site.listed());
      site.verifyAll();
    }
  }

  @Test
  void a_token_that_was_revoked_is_denied() {
    var root = cluster.root();
    var token =
        root.post("auth/token/create", Map.of("policies", List.of("lifeboat-backup")))
            .require()
            .text("auth.client_token");
    var file = Folders.writeSecret(folder.resolve("token"), token);
    site.configure("backup.auth = null");
    site.configure("backup.auth { method = token, token { file = \"" + file + "\" } }");
    site.backup();
    root.post("auth/token/revoke", Map.of("token", token)).require();

    var denied = site.run("backup").expect(Exit.VAULT_DENIED);

    assertFalse(denied.err().contains(token));
    assertEquals(1, site.listed().size());
  }

  @Test
  void a_token_that_is_revoked_under_a_running_agent_is_replaced_by_a_new_login() {
    var agent = site.startAgent();
    try {
      site.backup();
      var root = cluster.root();
      root.put("sys/leases/revoke-prefix/auth/approle/login", Map.of()).require();

      // It logs in at most every ten seconds.
      Await.until(
          "the agent to log in anew",
          Duration.ofSeconds(20),
          () -> site.run("backup").code() == Exit.OK.code());

      assertEquals(2, site.listed().size());
    } finally {
      agent.close();
    }
  }

  @Test
  void a_policy_without_the_snapshot_is_denied() {
    var token =
        cluster
            .root()
            .post("auth/token/create", Map.of("policies", List.of("lifeboat-watch")))
            .require()
            .text("auth.client_token");
    var file = Folders.writeSecret(folder.resolve("token"), token);
    site.configure("backup.auth = null");
    site.configure("backup.auth { method = token, token { file = \"" + file + "\" } }");
    site.configure("backup.canary { path = null, transit-key = null }");

    site.run("backup").expect(Exit.VAULT_DENIED);

    assertEquals(List.of(), Site.files(site.store()));
  }

  @Test
  void a_canary_that_cannot_be_written_fails_the_backup() {
    site.configure("backup.canary.path = \"nowhere/lifeboat/canary\"");

    var failed = site.run("backup");

    assertTrue(
        List.of(Exit.BACKUP_FAILED.code(), Exit.VAULT_DENIED.code()).contains(failed.code()),
        failed.err());
    assertTrue(failed.err().contains("nowhere/lifeboat/canary"), failed.err());
    assertEquals(List.of(), Site.files(site.store()));
  }

  @Test
  void a_private_key_that_the_backup_was_not_made_for_neither_verifies_nor_extracts_it() {
    var id = site.backup();
    Program.here(
            Milestones.NONE, "keys", "generate", "--recipient", "other", "-o", folder.toString())
        .expect(Exit.OK);
    var other = folder.resolve("other.identity").toString();
    var target = folder.resolve("plain.snap");

    site.run("verify", id, "--identity", other).expect(Exit.WRONG_KEY);
    site.run("extract", id, "-o", target.toString(), "--identity", other).expect(Exit.WRONG_KEY);

    assertFalse(Files.exists(target));
  }

  @Test
  void a_node_that_does_not_answer_is_unavailable() {
    // Port 1 of loopback: nobody listens.
    site.configure("vault.address = \"http://127.0.0.1:1\"");

    site.run("backup").expect(Exit.VAULT_UNAVAILABLE);
  }

  @Test
  void a_signing_key_that_is_missing_is_a_mistake_in_the_configuration() {
    site.configure("backup.signing-key-file = \"" + folder.resolve("none") + "\"");

    site.run("backup").expect(Exit.CONFIGURATION);
    site.run("check").expect(Exit.CONFIGURATION);
  }

  @Test
  void wrong_arguments_wrong_configuration_and_unknown_ids_have_codes_of_their_own() {
    site.run("backup", "--nonsense").expect(Exit.USAGE);
    site.run("extract", "20200101T000000Z-00000000").expect(Exit.USAGE);
    site.run("extract", "20200101T000000Z-00000000", "-o", folder.resolve("x").toString())
        .expect(Exit.NOT_FOUND);
    site.run("inspect", "20200101T000000Z-00000000").expect(Exit.NOT_FOUND);
    site.run("verify", "20200101T000000Z-00000000").expect(Exit.NOT_FOUND);
    site.run("list").expect(Exit.OK);
    var occupied = folder.resolve("occupied");
    Folders.writeSecret(occupied, "something else");
    var id = site.backup();
    site.run("extract", id, "-o", occupied.toString(), "--identity", site.identity().toString())
        .expect(Exit.USAGE);
    assertEquals("something else", Site.text(occupied));
    site.configure("backup.nonsense = 1");
    site.run("list").expect(Exit.CONFIGURATION);
  }

  @Test
  void secrets_appear_in_no_output() {
    var token = cluster.rootToken();
    var all = new StringBuilder();
    for (String verb : List.of("backup", "list", "status", "check")) {
      var run = site.run(verb);
      all.append(run.out()).append(run.err());
    }
    for (Secret secret : cluster.shares()) {
      assertFalse(all.toString().contains(secret.reveal()));
    }
    assertFalse(all.toString().contains(token.reveal()));
  }
}
