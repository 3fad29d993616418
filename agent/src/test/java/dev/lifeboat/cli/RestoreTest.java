package dev.lifeboat.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.MadeBackup;
import dev.lifeboat.backup.Manifest;
import dev.lifeboat.journal.Journal;
import dev.lifeboat.keys.KeyFiles;
import dev.lifeboat.keys.RecipientIdentity;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.restore.FakeRaft;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `restore` as typed, on genuine backups and fake nodes.
class RestoreTest {
  private static final String CLUSTER = "vault-cluster-8dc85c96";

  @TempDir Path folder;
  private final SigningKey signing = SigningKey.generate("n1");
  private final RecipientIdentity escrow = RecipientIdentity.generate("ops");
  private FakeRaft raft = FakeRaft.of(Path.of(System.getProperty("java.io.tmpdir")), true, 0);

  @BeforeEach
  void keys_and_two_empty_stores() throws IOException {
    KeyFiles.writePrivate(folder.resolve("signing-key"), signing.line());
    KeyFiles.writePublic(folder.resolve("trusted-signers"), signing.signer().toString());
    KeyFiles.writePublic(folder.resolve("recipients"), escrow.recipient().toString());
    KeyFiles.writePrivate(folder.resolve("identity"), escrow.line());
    secret("token", FakeRaft.TOKEN);
    secret("shares", String.join("\n", FakeRaft.shares()) + "\n");
    Files.createDirectory(folder.resolve("near"));
    Files.createDirectory(folder.resolve("far"));
  }

  private Path secret(String name, String content) throws IOException {
    Path file = Files.writeString(folder.resolve(name), content);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  @AfterEach
  void close() {
    raft.close();
  }

  private static Instant at(int day) {
    return Instant.parse("2026-11-%02dT02:00:00Z".formatted(day));
  }

  private static String id(int day) {
    return MadeBackup.id(at(day));
  }

  private void backup(int day, SigningKey by, String seal, String store) {
    var _ =
        MadeBackup.at(at(day), by, List.of(escrow.recipient()))
            .sealedBy(seal, 3, 2)
            .storeIn(folder.resolve(store), List.of(escrow.recipient()));
  }

  /// Nodes of that seal, and two backups of it in both stores.
  private void site(boolean shamir, int nodes) throws IOException {
    raft = FakeRaft.of(Files.createDirectory(folder.resolve("nodes")), shamir, nodes);
    for (String store : List.of("near", "far")) {
      backup(20, signing, shamir ? "shamir" : "static", store);
      backup(21, signing, shamir ? "shamir" : "static", store);
    }
    configure("");
  }

  private void configure(String more) throws IOException {
    Files.writeString(
        folder.resolve("lifeboat.conf"),
        """
        backup {
          node = n1
          spool = "DIR/spool"
          recipients-file = "DIR/recipients"
          signing-key-file = "DIR/signing-key"
          trusted-signers-file = "DIR/trusted-signers"
          canary { path = "secret/canary" }
        }
        stores.near { type = local, path = "DIR/near" }
        stores.far { type = local, path = "DIR/far" }
        restore {
          folder = "DIR/runs"
          auth { method = token, token = { file = "DIR/token" } }
          start-timeout = 15s
          nodes {
            %s
          }
        }
        %s
        """
            .formatted(raft.blocks(), more)
            .replace("DIR", folder.toString()));
  }

  private String[] with(String... args) {
    List<String> all = new ArrayList<>(List.of("restore"));
    all.addAll(List.of(args));
    all.addAll(List.of("--config", folder.resolve("lifeboat.conf").toString()));
    return all.toArray(String[]::new);
  }

  private Typed run(String... args) {
    return Typed.run(with(args));
  }

  private Typed typing(String lines, String... args) {
    return Typed.run(new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)), with(args));
  }

  private String[] cluster(String... args) {
    List<String> all = new ArrayList<>(List.of("cluster"));
    all.addAll(List.of(args));
    all.addAll(List.of("--identity", folder.resolve("identity").toString()));
    return all.toArray(String[]::new);
  }

  private String[] forced(String... args) {
    List<String> all = new ArrayList<>(Arrays.asList(args));
    all.addAll(List.of("--force", "--share-file", folder.resolve("shares").toString()));
    return cluster(all.toArray(String[]::new));
  }

  private String[] withShares(String... args) {
    List<String> all = new ArrayList<>(Arrays.asList(args));
    all.addAll(List.of("--share-file", folder.resolve("shares").toString()));
    return all.toArray(String[]::new);
  }

  private static void assertExit(Exit exit, Typed run) {
    assertEquals(exit, run.exit(), run.out() + run.err());
  }

  private static void assertSays(String text, Typed run) {
    assertTrue((run.out() + run.err()).contains(text), run.out() + run.err());
  }

  private boolean begun() {
    return Files.exists(folder.resolve("runs"));
  }

  @Test
  void the_plan_says_what_would_be_done_and_does_nothing() throws IOException {
    site(true, 2);

    Typed run = run(forced("--plan"));

    assertExit(Exit.OK, run);
    assertTrue(run.out().startsWith("backup " + id(21) + "\n"), run.out());
    assertSays("shamir, 2 of 3 shares", run);
    assertSays("does not run", run);
    assertSays("\n  1  decrypt backup " + id(21), run);
    assertSays("needs       shares: " + folder.resolve("shares"), run);
    assertSays("loses       what was written after 2026-11-21 02:00", run);
    assertFalse(begun());
  }

  @Test
  void whoever_does_not_say_yes_has_begun_nothing() throws IOException {
    site(false, 1);

    assertExit(Exit.USAGE, run(cluster()));
    Typed no = typing("no\n", cluster());

    assertExit(Exit.OK, no);
    assertTrue(no.err().endsWith("nothing was begun\n"), no.err());
    assertFalse(begun());
  }

  @Test
  void a_cluster_that_opens_itself_comes_back_at_a_yes() throws IOException {
    site(false, 2);

    Typed run = typing("yes\n", cluster());

    assertExit(Exit.OK, run);
    assertSays("needs       shares: none: it opens itself", run);
    assertSays("prove node-2  ok, ", run);
    assertTrue(run.out().endsWith("node-1, node-2 proven\n"), run.out());
    assertTrue(raft.serves(1) && raft.serves(2));
    assertEquals("every run in %s has ended".formatted(folder.resolve("runs")), ended());
  }

  private String ended() {
    Typed none = run("abandon", "--yes");
    assertExit(Exit.NOT_FOUND, none);
    return none.err().replace("lifeboat: ", "").strip();
  }

  @Test
  void a_machine_reads_how_it_went() throws IOException {
    site(false, 1);
    assertExit(Exit.USAGE, run(cluster("--json")));
    assertExit(Exit.USAGE, run(cluster("--json", "--yes", "--plan")));

    Typed run = run(cluster("--json", "--yes"));

    assertExit(Exit.OK, run);
    JsonNode json = JsonMapper.shared().readTree(run.out());
    assertTrue(json.path("whole").asBoolean(false), run.out());
    assertEquals("node-1", json.path("proven").path(0).asString());
  }

  @Test
  void force_needs_the_name_of_the_cluster() throws IOException {
    site(true, 1);

    Typed without = run(cluster());
    assertExit(Exit.RESTORE_FAILED, without);
    assertSays("hint: --force, with the cluster's name typed", without);
    Typed unnamed = run(forced("--yes"));
    assertExit(Exit.USAGE, unnamed);
    assertSays("--force needs the name of the cluster", unnamed);
    assertExit(Exit.USAGE, run(forced()));
    Typed wrong = run(forced("--yes", "--cluster", "other"));
    assertExit(Exit.USAGE, wrong);
    assertSays("the cluster of this backup is not called 'other'", wrong);
    assertExit(Exit.USAGE, typing("yes\n", forced()));
    assertFalse(begun());

    assertExit(Exit.OK, typing(CLUSTER + "\n", forced()));
    assertTrue(raft.serves(1));
  }

  @Test
  void a_name_that_is_given_is_still_asked_about() throws IOException {
    site(true, 1);

    Typed no = typing("no\n", forced("--cluster", CLUSTER));
    assertExit(Exit.OK, no);
    assertFalse(begun());

    Typed yes = run(forced("--cluster", CLUSTER, "--yes"));
    assertExit(Exit.OK, yes);
    FakeRaft.shares().forEach(share -> assertFalse((yes.out() + yes.err()).contains(share)));
  }

  @Test
  void without_a_key_nothing_can_be_decrypted() throws IOException {
    site(false, 1);

    assertExit(Exit.USAGE, run("cluster", "--plan"));
  }

  @Test
  void the_backup_is_chosen_by_time_or_by_name() throws IOException {
    site(false, 1);

    assertSays("backup " + id(21), run(cluster("--plan", "--latest-verified")));
    assertSays("backup " + id(20), run(cluster("--plan", "--at", "2026-11-21T01:00:00Z")));
    assertSays("backup " + id(20), run(cluster("--plan", "--id", id(20).substring(0, 9))));
    assertExit(Exit.NOT_FOUND, run(cluster("--plan", "--at", "2026-11-01T00:00:00Z")));
    assertExit(Exit.USAGE, run(cluster("--plan", "--at", "yesterday")));
    assertExit(Exit.NOT_FOUND, run(cluster("--plan", "--id", "2025")));
    assertExit(Exit.USAGE, run(cluster("--plan", "--id", "2025", "--latest-verified")));
  }

  private void ofEpoch(int day, int epoch) {
    var _ =
        MadeBackup.at(at(day), signing, List.of(escrow.recipient()))
            .sealedBy(
                new Manifest.Seal("shamir", "raft", 3, 2, Optional.empty(), Optional.of(epoch)))
            .storeIn(folder.resolve("near"), List.of(escrow.recipient()));
  }

  @Test
  void a_backup_of_before_a_rekey_is_said_to_want_the_shares_of_then() throws IOException {
    site(true, 1);
    ofEpoch(22, 1);
    ofEpoch(23, 2);

    Typed old = run(forced("--plan", "--id", id(22)));

    assertSays("KEY EPOCH  1, and there are backups of 2: the keys were changed since.", old);
    assertFalse(run(forced("--plan", "--id", id(23))).out().contains("KEY EPOCH"));
  }

  @Test
  void a_store_can_be_named_and_must_be_there() throws IOException {
    site(false, 1);
    backup(22, signing, "static", "far");

    assertSays("backup " + id(22), run(cluster("--plan")));
    assertSays("backup " + id(21), run(cluster("--plan", "--store", "near")));
    Typed none = run(cluster("--plan", "--store", "moon"));
    assertSays("the configuration has no store 'moon'", none);
    assertSays("hint: there is near, far", none);
  }

  @Test
  void a_signer_that_is_not_pinned_counts_only_when_it_is_given() throws IOException {
    site(false, 1);
    SigningKey other = SigningKey.generate("n9");
    backup(22, other, "static", "near");

    assertSays("backup " + id(21), run(cluster("--plan")));
    Typed refused = run(cluster("--plan", "--id", id(22)));
    assertExit(Exit.VERIFICATION_FAILED, refused);
    assertSays("give its public signer line with --signer", refused);
    Typed trusted = run(cluster("--plan", "--signer", other.signer().toString()));
    assertExit(Exit.OK, trusted);
    assertSays("backup " + id(22), trusted);
    assertFalse(run(cluster("--plan", "--signer", "no signer")).exit() == Exit.OK);
  }

  @Test
  void a_run_that_has_not_ended_is_gone_on_with_or_given_up() throws IOException {
    site(true, 1);
    Path wrong = secret("wrong", "08".repeat(33) + "\n" + "09".repeat(33) + "\n");
    Typed failed =
        run(
            cluster(
                "--id",
                id(20),
                "--force",
                "--cluster",
                CLUSTER,
                "--yes",
                "--share-file",
                wrong.toString()));
    assertExit(Exit.RESTORE_FAILED, failed);
    assertSays("these shares do not open it", failed);

    assertSays("was begun at 2026-11-22 10:00", run(forced("--plan")));
    assertSays("backup " + id(20), run(forced("--plan")));
    Typed other = run(forced("--plan", "--id", id(21)));
    assertExit(Exit.USAGE, other);
    assertSays("a run that brings back " + id(20), other);

    Typed list = run("abandon", "--list");
    assertExit(Exit.OK, list);
    String name = list.out().strip();
    assertTrue(name.startsWith("20261122T100000Z-restore-cluster-"), name);
    assertExit(Exit.NOT_FOUND, run("abandon", "--yes", "2025"));
    assertSays("nothing was done", typing("no\n", "abandon"));
    Typed plan = run("abandon", "--plan", "--yes");
    assertExit(Exit.OK, plan);
    assertSays(name + " would be given up", plan);
    assertEquals(list.out(), run("abandon", "--list").out(), "a plan does nothing");
    assertSays(name + " is given up", run("abandon", "--yes", "20261122"));
    assertEquals("", run("abandon", "--list").out());
  }

  @Test
  void the_same_command_finishes_it() throws IOException {
    site(true, 1);
    Path wrong = secret("wrong", "08".repeat(33) + "\n" + "09".repeat(33) + "\n");
    String[] all = {"--force", "--cluster", CLUSTER, "--yes", "--share-file", wrong.toString()};
    assertExit(Exit.RESTORE_FAILED, run(cluster(all)));

    Typed run = run(forced("--cluster", CLUSTER, "--yes"));

    assertExit(Exit.OK, run);
    assertSays("fetch the backup  done before", run);
    assertTrue(raft.serves(1));
  }

  @Test
  void a_node_that_is_missing_has_a_code_of_its_own() throws IOException {
    site(true, 2);
    raft.cannotStart(2);
    configure("");

    Typed run = run(forced("--cluster", CLUSTER, "--yes"));

    assertExit(Exit.NODE_MISSING, run);
    assertSays("node-2  NOT BACK  node-2 does not start: no (exit 3)\n  hint: ", run);
    assertTrue(run.out().contains(": NOT ALL BACK after "), run.out());
  }

  @Test
  void a_node_that_cannot_be_given_back_is_said() throws IOException {
    site(true, 2);
    raft.cannotStart(1);
    configure("");
    assertExit(Exit.RESTORE_FAILED, run(forced("--cluster", CLUSTER, "--yes")));
    Files.move(folder.resolve("nodes/node-2/data"), folder.resolve("away"));

    Typed run = run("abandon", "--yes");

    assertExit(Exit.RESTORE_FAILED, run);
    assertSays("lifeboat: node-2 is still taken: ", run);
  }

  @Test
  void one_node_is_rebuilt_from_the_others() throws IOException {
    site(true, 3);
    raft.serving();

    Typed plan = run(withShares("node", "node-2", "--plan"));
    assertExit(Exit.OK, plan);
    assertSays("loses       nothing: the others have it all", plan);
    assertSays("leads, raft index 120", plan);
    Typed run = run(withShares("node", "node-2", "--yes"));

    assertExit(Exit.OK, run);
    assertTrue(run.out().endsWith("node-2 proven\n"), run.out());
    assertTrue(raft.serves(2));
    assertExit(Exit.RESTORE_FAILED, run(withShares("node", "node-9", "--yes")));
    assertExit(Exit.USAGE, run(withShares("node", "node-2", "--json")));
  }

  @Test
  void nodes_that_open_themselves_need_no_shares() throws IOException {
    site(false, 3);
    raft.serving();

    Typed run = typing("yes\n", "node", "node-3");

    assertExit(Exit.OK, run);
    assertSays("needs       shares: none: they open themselves", run);
  }

  @Test
  void a_quorum_is_made_of_what_is_left() throws IOException {
    site(true, 3);
    raft.left(1).starts(1);

    assertExit(Exit.RESTORE_FAILED, run(withShares("quorum", "--dead", "node-9", "--yes")));
    Typed no = typing("no\n", withShares("quorum"));
    assertExit(Exit.OK, no);
    assertSays("loses       what only the dead nodes had", no);
    assertFalse(begun());
    Typed run = run(withShares("quorum", "--yes", "--json", "--dead", "node-3"));

    assertExit(Exit.OK, run);
    assertEquals(3, JsonMapper.shared().readTree(run.out()).path("proven").size(), run.out());
  }

  /// What it does with a dump is proven in the lab.
  @Test
  void a_database_that_cannot_be_given_back_is_said() throws Exception {
    site(true, 1);
    configure(
        "restore.postgresql { host = \"127.0.0.1\", port = 1, database = a, user = openbao }");
    String name = "20261122T095000Z-restore-postgresql-00000001";
    try (Journal begun =
        Journal.begin(
            folder.resolve("runs"),
            name,
            Map.of("kind", "restore-postgresql", "nodes", "node-1"),
            InstantSource.fixed(Instant.parse("2026-11-22T09:50:00Z")),
            _ -> {})) {
      assertEquals(name, begun.run());
    }

    Typed run = run("abandon", "--yes");

    assertExit(Exit.RESTORE_FAILED, run);
    assertSays(name + " is given up", run);
    assertSays("lifeboat: the database is still taken: postgresql 127.0.0.1:1/a: ", run);
    assertEquals("", run("abandon", "--list").out());
  }

  @Test
  void a_snapshot_does_not_go_into_a_database() throws IOException {
    site(true, 1);
    configure(
        "restore.postgresql { host = \"127.0.0.1\", port = 1, database = a, user = openbao }");

    Typed run =
        run(withShares("postgresql", "--yes", "--identity", folder.resolve("identity").toString()));

    assertExit(Exit.RESTORE_FAILED, run);
    assertSays("backup %s is a snapshot of raft".formatted(id(21)), run);
    assertSays("hint: lifeboat restore cluster brings it back", run);
    assertFalse(begun());
    assertFalse(raft.serves(1));
  }

  /// The one that has data is down; one that is empty does not say how many shares open it.
  @Test
  void shares_are_needed_though_only_an_empty_node_answers() throws IOException {
    site(true, 3);
    raft.left(1).starts(2);

    Typed run = run(withShares("quorum", "--yes"));

    assertExit(Exit.OK, run);
  }
}
