package dev.lifeboat.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.MadeBackup;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `restore bisect` and `restore diagnose` as typed, on genuine backups and fake nodes.
class RestoreBisectTest {
  private static final Map<String, String> PATH = Map.of("PATH", "/usr/bin:/bin");

  @TempDir Path folder;
  private final SigningKey signing = SigningKey.generate("n1");
  private final RecipientIdentity escrow = RecipientIdentity.generate("ops");
  private FakeRaft raft = FakeRaft.of(Path.of(System.getProperty("java.io.tmpdir")), true, 0);

  @BeforeEach
  void keys_and_a_store() throws IOException {
    KeyFiles.writePrivate(folder.resolve("signing-key"), signing.line());
    KeyFiles.writePublic(folder.resolve("trusted-signers"), signing.signer().toString());
    KeyFiles.writePublic(folder.resolve("recipients"), escrow.recipient().toString());
    KeyFiles.writePrivate(folder.resolve("identity"), escrow.line());
    secret("token", FakeRaft.TOKEN);
    secret("shares", String.join("\n", FakeRaft.shares()) + "\n");
    Files.createDirectory(folder.resolve("store"));
  }

  @AfterEach
  void close() {
    raft.close();
  }

  private void secret(String name, String content) throws IOException {
    Path file = Files.writeString(folder.resolve(name), content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private static Instant at(int day) {
    return Instant.parse("2026-11-%02dT02:00:00Z".formatted(day));
  }

  private static String id(int day) {
    return MadeBackup.id(at(day));
  }

  /// A scratch node of that seal, and a backup of it each day from the 10th on.
  private void site(boolean shamir, int backups) throws IOException {
    raft = FakeRaft.of(Files.createDirectory(folder.resolve("nodes")), shamir, 1);
    for (int day = 10; day < 10 + backups; day++) {
      var _ =
          MadeBackup.at(at(day), signing, List.of(escrow.recipient()))
              .sealedBy(shamir ? "shamir" : "static", 3, 2)
              .storeIn(folder.resolve("store"), List.of(escrow.recipient()));
    }
    configure(
        "scratch " + raft.blocks().strip().replaceFirst("^node-1 \\{", "{\nnode-id = node-1"));
  }

  private void configure(String nodes) throws IOException {
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
        stores.here { type = local, path = "DIR/store" }
        restore {
          folder = "DIR/runs"
          auth { method = token, token = { file = "DIR/token" } }
          start-timeout = 15s
          NODES
        }
        """
            .replace("NODES", nodes)
            .replace("DIR", folder.toString()));
  }

  private String[] bisect(String check, String... more) {
    List<String> all = new ArrayList<>(List.of("restore", "bisect"));
    all.addAll(List.of(more));
    all.addAll(List.of("--config", folder.resolve("lifeboat.conf").toString()));
    all.addAll(List.of("--identity", folder.resolve("identity").toString()));
    if (raft.shamir()) {
      all.addAll(List.of("--share-file", folder.resolve("shares").toString()));
    }
    all.addAll(List.of("--", "sh", "-c", check));
    return all.toArray(String[]::new);
  }

  private Typed run(String... args) {
    return Typed.run(PATH, args);
  }

  private static void assertExit(Exit exit, Typed run) {
    assertEquals(exit, run.exit(), run.out() + run.err());
  }

  private static void assertSays(String text, Typed run) {
    assertTrue((run.out() + run.err()).contains(text), run.out() + run.err());
  }

  /// Good up to that day.
  private static String upTo(int day) {
    return "case $LIFEBOAT_TAKEN_AT in 2026-11-*) d=${LIFEBOAT_TAKEN_AT#2026-11-}; d=${d%%T*};"
        + " [ $d -le "
        + day
        + " ] ;; *) exit 200 ;; esac";
  }

  @Test
  void the_newest_good_one_is_found_and_the_next_command_named() throws IOException {
    site(true, 4);

    Typed run = run(bisect(upTo(11) + "; c=$?; echo asked; exit $c", "--yes"));

    assertExit(Exit.OK, run);
    assertSays("  restores  3 at most\n", run);
    assertSays("  1  of 4 backups restore at most 3 into node-1", run);
    assertSays("backup %s, taken 2026-11-11 02:00".formatted(id(11)), run);
    assertSays("newest good  " + id(11), run);
    assertSays("oldest bad   " + id(12), run);
    assertSays("next: lifeboat restore cluster --id " + id(11) + " --force --plan", run);
    assertSays("asked\n", run);
    FakeRaft.shares().forEach(share -> assertFalse((run.out() + run.err()).contains(share)));
    assertFalse((run.out() + run.err()).contains(FakeRaft.TOKEN), run.out());
    assertSays("; the last one took ", run(bisect("true", "--plan")));
  }

  @Test
  void a_machine_reads_the_answers_and_edges_narrow_it() throws IOException {
    site(false, 5);

    Typed run =
        run(bisect(upTo(11), "--json", "--yes", "--good", "2026-11-11T12:00:00Z", "--bad", id(12)));

    assertExit(Exit.OK, run);
    JsonNode json = JsonMapper.shared().readTree(run.out());
    assertEquals(id(11), json.at("/newestGood/id").asString());
    assertEquals(id(12), json.at("/oldestBad/id").asString());
    assertEquals(2, json.path("asked").size());
    assertEquals("bad", json.at("/asked/0/answer").asString());
  }

  @Test
  void when_none_is_good_it_says_so() throws IOException {
    site(false, 1);

    Typed run = run(bisect("exit 1", "--yes"));

    assertExit(Exit.NOT_FOUND, run);
    assertSays("newest good  none is", run);
    assertFalse(run.out().contains("next: "), run.out());
  }

  @Test
  void whoever_does_not_say_yes_has_begun_nothing() throws IOException {
    site(false, 1);

    assertExit(Exit.USAGE, run(bisect("true")));
    assertFalse(Files.exists(folder.resolve("runs")));
  }

  @Test
  void a_wrong_question_is_refused_before_anything_is_begun() throws IOException {
    site(false, 3);

    Typed turned = run(bisect("true", "--good", id(12), "--bad", id(11)));
    assertExit(Exit.USAGE, turned);
    assertSays("the good one has to be older", turned);
    Typed none = run(bisect("true", "--bad", "2026-11-29T00:00:00Z"));
    assertExit(Exit.NOT_FOUND, none);
    assertSays("--bad 2026-11-29T00:00:00Z: no verified backup", none);
    assertExit(Exit.NOT_FOUND, run(bisect("true", "--good", "2026")));
    Typed program =
        run(
            "restore",
            "bisect",
            "--config",
            folder.resolve("lifeboat.conf").toString(),
            "no-such-check");
    assertExit(Exit.USAGE, program);
    assertSays("the check 'no-such-check' is no program", program);
    assertFalse(Files.exists(folder.resolve("runs")));
  }

  @Test
  void answers_of_before_are_shown_and_a_run_can_be_given_up() throws IOException {
    site(false, 2);
    assertExit(Exit.RESTORE_FAILED, run(bisect(upTo(10) + " || exit 200", "--yes")));

    Typed plan = run(bisect(upTo(10) + " || exit 200", "--plan"));
    assertSays("and has not ended", plan);
    assertSays(id(10) + ", taken 2026-11-10 02:00", plan);
    assertSays("good, answered before", plan);

    String config = folder.resolve("lifeboat.conf").toString();
    Path running = folder.resolve("nodes/node-1/running");
    assertTrue(Files.exists(running));
    Typed planned = run("restore", "abandon", "--plan", "--config", config);
    assertSays("given up, and what runs in its scratch node stopped", planned);
    Typed abandoned = run("restore", "abandon", "--yes", "--config", config);
    assertExit(Exit.OK, abandoned);
    assertFalse(Files.exists(running));
    assertFalse(Files.exists(folder.resolve("nodes/node-1/data/lifeboat-restore.lock")));
  }

  @Test
  void without_backups_there_is_nothing_to_find() throws IOException {
    site(false, 0);

    assertExit(Exit.NOT_FOUND, run(bisect("true", "--plan")));
  }

  @Test
  void diagnose_says_which_node_is_damaged_and_ends_with_a_code_for_it() throws IOException {
    raft = FakeRaft.of(Files.createDirectory(folder.resolve("nodes")), true, 3).serving();
    configure("nodes {\n" + raft.blocks() + "}");
    String config = folder.resolve("lifeboat.conf").toString();

    Typed sound = run("restore", "diagnose", "--config", config);
    assertExit(Exit.OK, sound);
    assertSays("every node is sound", sound);
    assertSays("SOUND", sound);
    raft.damages(3);
    configure("nodes {\n" + raft.blocks() + "}");
    Typed damaged = run("restore", "diagnose", "--config", config);
    assertExit(Exit.VERIFICATION_FAILED, damaged);
    assertSays("node-3 is damaged: does not run; its log says: failed to open bolt", damaged);
    assertSays("  next: lifeboat restore node node-3", damaged);
    Typed json = run("restore", "diagnose", "--json", "--config", config);
    assertEquals(
        "damaged",
        JsonMapper.shared().readTree(json.out()).at("/nodes/2/verdict").asString(),
        json.out());
    raft.heal().stops(2);
    Typed leaderless = run("restore", "diagnose", "--config", config);
    assertSays("nobody leads", leaderless);
  }

  @Test
  void diagnose_has_a_code_for_what_is_no_damage() throws IOException {
    raft = FakeRaft.of(Files.createDirectory(folder.resolve("nodes")), true, 3).serving();
    raft.stops(3);
    configure("nodes {\n" + raft.blocks() + "}");
    String config = folder.resolve("lifeboat.conf").toString();

    assertExit(Exit.NODE_MISSING, run("restore", "diagnose", "--config", config));
    raft.stops(2);
    assertExit(Exit.VAULT_UNAVAILABLE, run("restore", "diagnose", "--config", config));
  }

  @Test
  void a_terminal_shows_what_is_being_done() throws IOException {
    site(false, 1);
    String check = folder.resolve("check").toString();
    secret("check", "#!/bin/sh\nexit 0\n");
    Files.setPosixFilePermissions(Path.of(check), PosixFilePermissions.fromString("rwx------"));
    List<String> args = new ArrayList<>(List.of(bisect("true")));
    args.subList(args.size() - 3, args.size()).clear();
    args.add(check);

    Typed run =
        Typed.run(
            new ByteArrayInputStream("yes\n".getBytes(StandardCharsets.UTF_8)),
            args.toArray(String[]::new));

    assertExit(Exit.OK, run);
    assertSays("restore into node-1, " + id(10) + " …", run);
    assertSays("newest good  " + id(10), run);
    assertSays("oldest bad   none is", run);
  }
}
