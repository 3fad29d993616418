package dev.lifeboat.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.BackupOutcome;
import dev.lifeboat.backup.FailureReason;
import dev.lifeboat.keys.RecipientIdentity;
import dev.lifeboat.kms.FakeAws;
import dev.lifeboat.rekey.FakeRekey;
import dev.lifeboat.unseal.SealedShare;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `rekey` as typed, on a node that counts shares.
class RekeyTest {
  @TempDir Path folder;
  private final FakeRekey server = new FakeRekey(true);
  private final List<RecipientIdentity> custodians = new ArrayList<>();
  private final List<String> toFiles = new ArrayList<>();
  private Path config = Path.of("/");
  private Path into = Path.of("/");
  private Path old = Path.of("/");

  @BeforeEach
  void a_node_shares_and_custodians() throws Exception {
    into = Files.createDirectory(folder.resolve("new"));
    old = written("old", server.text());
    Path token = written("token", "t");
    config =
        Files.writeString(
            folder.resolve("lifeboat.conf"),
            """
            vault.address = "%s"
            rekey { auth { method = token, token { file = "%s" } }, folder = "%s" }
            """
                .formatted(server.vault().address(), token, folder.resolve("runs")));
    toFiles.addAll(List.of("-o", into.toString(), "--share-file", old.toString()));
    for (String name : List.of("ann", "bob", "cid", "dan")) {
      RecipientIdentity identity = RecipientIdentity.generate(name);
      custodians.add(identity);
      Path recipient = folder.resolve(name + ".recipient");
      Files.writeString(recipient, identity.recipient() + "\n");
      Path _ = written(name + ".identity", identity.line().reveal());
      toFiles.addAll(List.of("--recipient", recipient.toString()));
    }
  }

  @AfterEach
  void close() {
    server.close();
  }

  private Path written(String name, String text) throws Exception {
    Path file = Files.writeString(folder.resolve(name), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private Typed run(List<String> options, String... more) {
    return Typed.run(command(options, more));
  }

  private String[] command(List<String> options, String... more) {
    List<String> all = new ArrayList<>(List.of("rekey", "--config", config.toString()));
    all.addAll(options);
    all.addAll(Arrays.asList(more));
    return all.toArray(String[]::new);
  }

  private void configure(String line) throws Exception {
    Files.writeString(config, Files.readString(config) + line + "\n");
  }

  private List<Path> files() throws Exception {
    try (Stream<Path> files = Files.list(into)) {
      return files.sorted().toList();
    }
  }

  private static JsonNode json(Typed run) {
    return JsonMapper.shared().readTree(run.out());
  }

  private void assertNoShare(Typed run) {
    server
        .text()
        .lines()
        .forEach(share -> assertFalse((run.out() + run.err()).contains(share), run.out()));
  }

  /// The new shares as their custodians read them.
  private List<String> opened() throws Exception {
    List<String> shares = new ArrayList<>();
    for (int number = 0; number < files().size(); number++) {
      SealedShare sealed = SealedShare.parse(Files.readString(files().get(number)), "a file");
      shares.add(sealed.open(custodians.get(number), "a file").hex().reveal());
    }
    return shares;
  }

  @Test
  void the_plan_says_what_would_be_done_and_does_nothing() throws Exception {
    Typed run = run(toFiles, "--plan");

    assertEquals(Exit.OK, run.exit(), run.err());
    for (String line :
        List.of(
            "open, shamir, openbao 2.7.2",
            "key      unseal key: 3 of 4 now, 3 of 4 then, by sys/rotate/root",
            "old      " + old,
            "new      files in " + into + ", one encrypted to each of ",
            "then     rotate the barrier key: key epoch 2",
            "then     nothing: no backups are configured here")) {
      assertTrue(run.out().contains(line), run.out());
    }
    assertEquals(List.of(), files());
    assertFalse(Files.exists(folder.resolve("runs")));
    assertFalse(server.started());
  }

  @Test
  void new_shares_come_into_force_and_what_comes_next_is_said() throws Exception {
    Typed run = run(toFiles, "--unseen", "--yes");

    assertEquals(Exit.OK, run.exit(), run.err());
    assertTrue(run.out().contains("exchange  ok  the new shares are in force: " + into));
    assertTrue(run.out().contains("rotate  ok  key epoch 2"), run.out());
    assertTrue(run.out().contains("  4  lifeboat backup, where backups are taken"), run.out());
    assertEquals(server.current().stream().map(share -> share.hex().reveal()).toList(), opened());
    assertNoShare(run);
  }

  @Test
  void json_says_the_same() throws Exception {
    Typed run = run(toFiles, "--unseen", "--yes", "--json");

    assertEquals(Exit.OK, run.exit(), run.err());
    JsonNode json = json(run);
    assertEquals("done", json.path("result").asString(""));
    assertEquals("unseal_key", json.path("key").asString(""));
    assertEquals(2, json.path("epoch").asInt(0));
    assertEquals(0, json.path("worthless").size());
    assertTrue(json.path("backup").isNull());
    assertTrue(json.path("seconds").has("exchange"), run.out());
    assertNoShare(run);
  }

  @Test
  void whoever_does_not_say_yes_changes_nothing() throws Exception {
    InputStream no = new ByteArrayInputStream("no\n".getBytes(StandardCharsets.UTF_8));

    Typed run = Typed.run(no, command(toFiles, "--unseen"));

    assertEquals(Exit.OK, run.exit());
    assertTrue(run.err().contains("nothing was done"), run.err());
    assertEquals(List.of(), files());
  }

  @Test
  void custodians_verify_prove_and_the_run_goes_on() throws Exception {
    Typed waits = run(toFiles, "--yes");
    assertEquals(Exit.OK, waits.exit(), waits.err());
    assertTrue(waits.out().contains("exchange  WAITS  3 custodians"), waits.out());
    Typed other = run(List.of("--print", "--share-file", old.toString()), "--yes");
    assertEquals(Exit.USAGE, other.exit());
    assertTrue(other.err().contains("a run is unfinished that keeps its new shares elsewhere"));

    for (int number = 0; number < 3; number++) {
      Typed given = verify(number);
      assertEquals(Exit.OK, given.exit(), given.err());
      String words =
          number < 2 ? (number + 1) + " of 3 new shares" : "are the shares of the unseal";
      assertTrue(given.out().contains(words), given.out());
    }
    Typed goesOn = run(toFiles, "--yes", "--json");
    assertEquals("done", json(goesOn).path("result").asString(""), goesOn.err());

    assertTrue(run(List.of(), "--prove").out().contains("NOT YET  is open since before"));
    server.sealed = true;
    Path fresh = written("fresh", server.text());
    Typed proven = run(List.of("--share-file", fresh.toString()), "--prove", "--yes", "--json");
    assertTrue(json(proven).path("proven").asBoolean(false), proven.out());
    assertTrue(run(List.of(), "--prove").out().contains("all  ok  no node needs the old shares"));
  }

  /// A change of leader has dropped the new ones, and the configuration names the old ones still.
  @Test
  void old_shares_that_are_given_for_the_new_ones_put_nothing_in_force() throws Exception {
    Typed _ = run(toFiles, "--yes");
    server.drop();

    Typed given = run(List.of("--share-file", old.toString()), "--verify");

    assertEquals(Exit.REKEY_FAILED, given.exit(), given.err());
    assertTrue(given.out().contains("these are the shares of the unseal key now"), given.out());
    assertTrue(given.out().contains("NOT the new ones of rekey-"), given.out());
    assertFalse(server.started());
    Typed again = run(toFiles, "--yes");
    assertTrue(again.out().contains("exchange  WAITS"), again.out() + again.err());
    assertEquals(8, files().size());
    assertNoShare(given);
  }

  /// Elsewhere, or their answer was lost.
  @Test
  void new_shares_that_are_given_later_are_counted_when_the_old_ones_are_refused()
      throws Exception {
    Typed _ = run(toFiles, "--yes");
    server.complete();
    Path fresh = written("fresh", server.text());

    Typed given = run(List.of("--share-file", fresh.toString()), "--verify", "--yes", "--json");

    assertEquals("fit", json(given).path("result").asString(""), given.out());
    assertTrue(json(given).path("new").asBoolean(false), given.out());
    Typed goesOn = run(toFiles, "--yes", "--json");
    assertEquals("done", json(goesOn).path("result").asString(""), goesOn.err());
    assertEquals(4, files().size());
  }

  /// They open a node that was left behind, which is no proof that it does without them.
  @Test
  void old_shares_prove_nothing() throws Exception {
    Typed _ = run(toFiles, "--unseen", "--yes");
    server.sealed = true;

    Typed refused = run(List.of("--share-file", old.toString()), "--prove");

    assertEquals(Exit.UNSEAL_FAILED, refused.exit(), refused.out());
    assertTrue(refused.err().contains("are not the new ones of rekey-"), refused.err());
    assertTrue(refused.err().contains("keep the old shares"), refused.err());
    assertTrue(server.sealed);
  }

  /// Those of PGP keys.
  @Test
  void shares_that_the_run_has_not_seen_are_tried_before_they_prove_anything() throws Exception {
    List<String> toPgp =
        new ArrayList<>(List.of("-o", into.toString(), "--share-file", old.toString()));
    for (String name : List.of("ann", "bob", "cid", "dan")) {
      toPgp.addAll(List.of("--pgp-key", folder.resolve(name + ".recipient").toString()));
    }
    Typed waits = run(toPgp, "--yes");
    assertTrue(waits.out().contains("exchange  WAITS"), waits.out() + waits.err());
    server.complete();
    Path fresh = written("fresh", server.text());
    List<String> new3 = List.of("--share-file", fresh.toString());
    Typed unknown = run(new3, "--verify");
    assertEquals(Exit.OK, unknown.exit(), unknown.err());
    assertTrue(unknown.out().contains("is not known here"), unknown.out());
    Typed goesOn = run(toPgp, "--yes");
    assertTrue(goesOn.out().contains("rotate  ok"), goesOn.out() + goesOn.err());

    server.sealed = true;
    Typed refused = run(List.of("--share-file", old.toString()), "--prove");
    assertEquals(Exit.UNSEAL_FAILED, refused.exit(), refused.out());
    Typed proven = run(new3, "--prove");
    assertTrue(proven.out().contains("all  ok  no node needs"), proven.out() + proven.err());
  }

  private Typed verify(int number) throws Exception {
    String name = List.of("ann", "bob", "cid", "dan").get(number);
    return run(
        List.of("--share-file", files().get(number).toString()),
        "--identity",
        folder.resolve(name + ".identity").toString(),
        "--verify");
  }

  /// At home, to be typed where the next rekey asks for it.
  @Test
  void a_custodian_reads_their_share_where_there_is_no_node() throws Exception {
    Typed _ = run(toFiles, "--unseen", "--yes");

    Typed shown =
        Typed.run(
            "rekey",
            "--show",
            "--share-file",
            files().getFirst().toString(),
            "--identity",
            folder.resolve("ann.identity").toString());

    assertEquals(Exit.OK, shown.exit(), shown.err());
    assertEquals(server.text().lines().findFirst().get() + "\n", shown.out());
    assertEquals(Exit.USAGE, Typed.run("rekey", "--show").exit());
  }

  @Test
  void wrong_shares_for_verification_are_told() throws Exception {
    Typed none =
        run(
            List.of(
                "--share-file", written("one", server.text().lines().findFirst().get()).toString()),
            "--verify");
    assertEquals(Exit.REKEY_FAILED, none.exit());
    assertTrue(none.out().contains("verify  NONE  no new shares wait"), none.out());
    Typed _ = run(toFiles, "--yes");

    Typed wrong = run(List.of("--share-file", old.toString()), "--verify", "--yes", "--json");

    assertEquals(Exit.REKEY_FAILED, wrong.exit());
    assertEquals("not-in-force", json(wrong).path("result").asString(""));
  }

  @Test
  void a_run_can_be_given_up_while_the_old_shares_are_in_force() throws Exception {
    assertEquals(Exit.NOT_FOUND, run(List.of(), "--abandon").exit());
    assertEquals(Exit.NOT_FOUND, run(List.of(), "--prove").exit());
    Typed _ = run(toFiles, "--yes");

    Typed given = run(List.of(), "--abandon");

    assertEquals(Exit.OK, given.exit(), given.err());
    assertTrue(given.out().contains("abandon  ok  the old shares are in force; worthless: "));
    assertFalse(server.started());
    assertEquals(Exit.NOT_FOUND, run(List.of(), "--abandon").exit());
  }

  @Test
  void what_may_be_in_force_is_not_given_up() {
    Typed _ = run(toFiles, "--yes");
    server.complete();

    Typed doubt = run(List.of(), "--abandon");

    assertEquals(Exit.REKEY_FAILED, doubt.exit());
    assertTrue(doubt.err().contains("may be in force"), doubt.err());
  }

  @Test
  void shares_go_to_secrets_manager_where_that_is_configured() throws Exception {
    try (FakeAws aws = FakeAws.open()) {
      FakeAws.credentials(folder);
      configure(
          """
          rekey.secret = "unseal-keys"
          unseal.aws {
            region = eu-central-1, endpoint = "%s", credentials = files
            access-key { file = "%s" }, secret-key { file = "%s" }
          }"""
              .formatted(
                  aws.endpoint(), folder.resolve("access-key"), folder.resolve("secret-key")));
      Typed run = run(List.of("--share-file", old.toString()), "--yes");

      assertEquals(Exit.KMS_FAILED, run.exit());
      assertTrue(
          run.err().contains("secret unseal-keys-epoch-2 of Secrets Manager cannot be made"));
      assertNoShare(run);
    }
  }

  @Test
  void what_is_printed_is_printed_because_that_was_asked() {
    Typed run = run(List.of("--print", "--share-file", old.toString()), "--yes");

    assertEquals(Exit.OK, run.exit(), run.err());
    server
        .text()
        .lines()
        .forEach(share -> assertTrue(run.out().contains("Key ") && run.out().contains(share)));
  }

  @Test
  void a_cluster_that_is_not_ready_is_left_alone() {
    server.voters = 3;

    Typed run = run(toFiles, "--yes");

    assertEquals(Exit.REKEY_FAILED, run.exit());
    assertTrue(run.out().contains("AGAINST  raft has 3 voters"), run.out());
    assertTrue(run.err().startsWith("lifeboat: raft has 3 voters"), run.err());
  }

  @Test
  void when_the_rest_fails_the_new_shares_are_said_to_be_in_force() {
    server
        .vault()
        .on("sys/rotate", dev.lifeboat.vault.FakeVault.Reply.json(403, "{\"errors\":[\"no\"]}"));

    Typed run = run(toFiles, "--unseen", "--yes");

    assertEquals(Exit.VAULT_DENIED, run.exit());
    assertTrue(run.err().contains("the new shares are in force; the same command does the rest"));
    assertEquals(Exit.REKEY_FAILED, run(List.of(), "--abandon").exit());
  }

  @ParameterizedTest
  @CsvSource({
    "--json, --json says what was done",
    "AbCd, a share is never an argument",
    "--yes --json --print, --json never has a share",
    "--print --secret x, --secret and --print are two places",
    "--unseen, go with -o",
    "--plan, it has to be said where the new shares go",
    "--plan --secret arn:aws:x, takes the beginning of a name",
    "--plan -o /nowhere, is no folder",
    "--plan --print --shares 300, 1 to 255 shares can be made",
    "--plan --print --threshold 1, is not split"
  })
  void what_makes_no_sense_is_refused(String options, String words) {
    Typed run = run(List.of(options.split(" ")));

    assertEquals(Exit.USAGE, run.exit(), run.err());
    assertTrue(run.err().contains(words), run.err());
  }

  @Test
  void keys_have_to_be_as_many_as_shares() {
    Typed few = run(toFiles, "--plan", "--shares", "5");
    assertTrue(few.err().contains("4 keys were given for 5 shares"), few.err());
    Typed both = run(toFiles, "--plan", "--pgp-key", old.toString());
    assertTrue(both.err().contains("--pgp-key goes with neither"), both.err());
    Typed pgp = run(List.of("--plan", "-o", into.toString(), "--pgp-key", old.toString()));
    assertTrue(pgp.err().contains("1 keys were given for 4 shares"), pgp.err());
    Typed nobody = run(List.of("--plan", "-o", into.toString()));
    assertTrue(nobody.err().contains("there are no backups, whose recipients"), nobody.err());
  }

  @Test
  void without_a_login_it_says_which_one() throws Exception {
    Files.writeString(config, "vault.address = \"%s\"\n".formatted(server.vault().address()));

    Typed run = run(toFiles, "--plan");

    assertEquals(Exit.CONFIGURATION, run.exit());
    assertTrue(run.err().contains("a rekey needs a login"), run.err());
  }

  @Test
  void a_backup_that_fails_has_its_own_exit_code() {
    FreshBackup failing =
        new FreshBackup(
            () -> new BackupOutcome.Failed(FailureReason.STORE, "it is full", "", Duration.ZERO));

    var failed = assertThrows(CommandException.class, () -> failing.run(new NoNotes()));

    assertEquals(Exit.STORE_FAILED, failed.exit());
    assertEquals("backup", failing.name());
  }

  private static final class NoNotes implements dev.lifeboat.journal.Step.Notes {
    @Override
    public java.util.Map<String, String> all() {
      return java.util.Map.of();
    }

    @Override
    public void add(java.util.Map<String, String> facts) {}
  }
}
