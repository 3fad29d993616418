package dev.lifeboat.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.kms.FakeAws;
import dev.lifeboat.unseal.FakeSeal;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `unseal` as typed, on nodes that count shares.
class UnsealTest {
  private static final List<String> SHARES = List.of(share(1), share(2), share(3), share(4));

  @TempDir Path folder;
  private final FakeSeal near = new FakeSeal(3, new HashSet<>(SHARES));
  private final FakeSeal far = new FakeSeal(3, new HashSet<>(SHARES));
  private Path config = Path.of("/");
  private Path shares = Path.of("/");

  private static String share(int number) {
    byte[] bytes = new byte[33];
    Arrays.fill(bytes, (byte) number);
    return HexFormat.of().formatHex(bytes);
  }

  @BeforeEach
  void two_nodes_and_a_file_of_shares() throws Exception {
    shares = Files.writeString(folder.resolve("shares"), String.join("\n", SHARES) + "\n");
    Files.setPosixFilePermissions(shares, PosixFilePermissions.fromString("rw-------"));
    config =
        Files.writeString(
            folder.resolve("lifeboat.conf"),
            "vault { address = \"%s\", peers = [\"%s\"] }\n"
                .formatted(near.vault().address(), far.vault().address()));
  }

  @AfterEach
  void close() {
    near.vault().close();
    far.vault().close();
  }

  private Typed run(String... args) {
    return Typed.run(withConfig(args));
  }

  private String[] withConfig(String... args) {
    List<String> all = new ArrayList<>(List.of("unseal"));
    all.addAll(List.of(args));
    all.addAll(List.of("--config", config.toString()));
    return all.toArray(String[]::new);
  }

  private Typed typing(String lines, String... args) {
    InputStream in = new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8));
    return Typed.run(in, withConfig(args));
  }

  private void configure(String line) throws Exception {
    Files.writeString(config, Files.readString(config) + line + "\n");
  }

  private static void assertNoShare(Typed run) {
    SHARES.forEach(share -> assertFalse((run.out() + run.err()).contains(share)));
  }

  @Test
  void the_plan_says_what_would_be_done_and_does_nothing() {
    Typed run = run("--all", "--plan", "--share-file", shares.toString());

    assertEquals(Exit.OK, run.exit(), run.err());
    assertEquals(
        """
        NO  NODE  NOW                            TO DO
        1   NEAR  sealed, 3 of 5 shares needed  give shares
        2   FAR   sealed, 3 of 5 shares needed  give shares

        shares   SHARES
        unknown  whether they are right: a sealed node cannot tell before it has enough
        changes  nothing but the seal of these nodes; the same command again is safe

        """
            .replaceAll(" {2,}", "  "),
        anonymous(run.out()).replaceAll(" {2,}", "  "));
    assertFalse(near.open() || far.open());
    assertEquals(List.of(), near.vault().requests("sys/unseal"));
  }

  private String anonymous(String text) {
    return text.replace(near.vault().address().toString(), "NEAR")
        .replace(far.vault().address().toString(), "FAR")
        .replace(shares.toString(), "SHARES");
  }

  @Test
  void all_nodes_are_opened_from_a_file() {
    far.follows(near.vault().address());

    Typed run = run("--all", "--yes", "--share-file", shares.toString());

    assertEquals(Exit.OK, run.exit(), run.err());
    assertTrue(near.open() && far.open());
    assertTrue(run.out().endsWith("leader  ok  " + near.vault().address() + "\n"), run.out());
    assertTrue(anonymous(run.out()).contains("\nNEAR  ok  opened with SHARES line 1, "), run.out());
    assertNoShare(run);
  }

  /// Two nodes that both say they lead are no cluster.
  @Test
  void open_nodes_that_do_not_agree_on_a_leader_are_not_good() {
    near.opens();
    far.opens();

    Typed run = run("--all", "--yes");

    assertEquals(Exit.VAULT_UNAVAILABLE, run.exit());
    assertTrue(run.out().contains("leader  NONE  "), run.out());
  }

  /// As a node does that was just opened, alone: it has it from its copy of the data.
  @Test
  void a_leader_that_is_only_named_is_asked_itself() {
    near.opens();
    near.follows(far.vault().address());

    Typed run = run("--yes");

    assertEquals(Exit.VAULT_UNAVAILABLE, run.exit());
    assertTrue(run.out().contains("leader  NONE  "), run.out());
  }

  /// `vault.peers` is empty by default.
  @Test
  void a_leader_that_is_no_known_peer_is_asked_as_well() throws Exception {
    Files.writeString(config, "vault.address = \"%s\"\n".formatted(near.vault().address()));
    near.opens();
    near.follows(far.vault().address());

    assertEquals(Exit.VAULT_UNAVAILABLE, run("--yes").exit());
    far.opens();
    Typed run = run("--yes");

    assertEquals(Exit.OK, run.exit(), run.out());
    assertTrue(run.out().endsWith("leader  ok  " + far.vault().address() + "\n"), run.out());
  }

  /// We ask at loopback what the others know by its name.
  @Test
  void a_leader_is_known_by_the_address_that_it_advertises() throws Exception {
    String loopback = near.vault().address().toString();
    String name = loopback.replace("127.0.0.1", "localhost");
    Files.writeString(
        config,
        "vault { address = \"%s\", peers = [\"%s\"] }\n"
            .formatted(loopback, far.vault().address()));
    near.opens();
    near.advertises(URI.create(name));
    far.opens();
    far.follows(URI.create(name));

    Typed run = run("--all", "--yes");

    assertEquals(Exit.OK, run.exit(), run.out());
    assertTrue(run.out().endsWith("leader  ok  " + name + "\n"), run.out());
  }

  @Test
  void what_the_products_own_command_takes_is_refused_and_not_repeated() {
    for (String[] line :
        List.of(
            new String[] {share(1)},
            new String[] {"--share-secret", share(1)},
            new String[] {"--share-file", share(1), "--yes"})) {
      Typed run = run(line);

      assertEquals(Exit.USAGE, run.exit(), run.err());
      assertNoShare(run);
    }
  }

  @Test
  void who_interrupts_it_at_one_node_has_the_next_left_alone() {
    Thread command = Thread.currentThread();
    near.before(had -> command.interrupt());

    Typed run = run("--all", "--yes", "--share-file", shares.toString());

    assertEquals(Exit.INTERRUPTED, run.exit(), run.out() + run.err());
    assertEquals(List.of(), far.vault().requests("sys/unseal"));
  }

  @Test
  void nothing_typed_to_be_added_is_no_success() {
    Typed run = typing("yes\n\n", "--add");

    assertEquals(Exit.UNSEAL_FAILED, run.exit());
    assertTrue(run.err().contains("your share, not shown: "), run.err());
    assertTrue(run.out().contains("NOT OPEN  there is no share to add"), run.out());
  }

  @Test
  void one_node_is_the_one_beside_us_unless_another_is_named() {
    Typed own = run("--yes", "--share-file", shares.toString());

    assertEquals(Exit.OK, own.exit(), own.out());
    assertTrue(near.open() && !far.open());
    Typed other =
        run("--node", far.vault().address().toString(), "--yes", "--share-file", shares.toString());
    assertEquals(Exit.OK, other.exit(), other.out());
    assertTrue(far.open());
    assertTrue(run("--node", "http://127.0.0.1:9").err().contains("is not a known peer"));
  }

  @Test
  void custodians_type_one_after_the_other_and_nothing_of_it_is_printed() {
    String typed =
        "yes\n%s\nmistyped\n%s\n%s\n%s\n".formatted(share(1), share(1), share(2), share(3));

    Typed run = typing(typed);

    assertEquals(Exit.OK, run.exit(), run.err());
    assertTrue(near.open());
    assertTrue(run.err().contains("share 2 of 3, not shown: "), run.err());
    assertTrue(run.err().contains("what was typed is no share of an unseal key: it has 8"));
    assertTrue(run.err().contains("that share was given already"), run.err());
    assertFalse(run.err().contains("mistyped"), run.err());
    assertNoShare(run);
  }

  @Test
  void an_empty_line_says_that_there_is_nobody_else() {
    Typed run = typing("yes\n" + share(1) + "\n\n");

    assertEquals(Exit.UNSEAL_FAILED, run.exit());
    assertTrue(run.out().contains("NOT OPEN  needs 3 shares, and there are 1"), run.out());
    assertEquals(List.of(), near.vault().requests("sys/unseal"));
  }

  @Test
  void without_a_yes_nothing_is_sent() {
    Typed run = typing("no\n", "--share-file", shares.toString());

    assertEquals(Exit.OK, run.exit());
    assertTrue(run.err().endsWith("nothing was sent\n"), run.err());
    assertFalse(near.open());
  }

  @Test
  void where_nobody_is_shares_are_wanted_from_a_file() {
    Typed run = run("--yes");

    assertEquals(Exit.USAGE, run.exit());
    assertTrue(run.err().contains("nobody is there to type shares"), run.err());
    assertEquals(
        Exit.USAGE, run("--share-file", shares.toString()).exit(), "nobody can say yes either");
  }

  @Test
  void the_configuration_names_places_and_the_command_line_replaces_them() throws Exception {
    configure("unseal.share-files = [\"%s\"]".formatted(shares));

    assertTrue(typing("no\n").out().contains("shares   " + shares + "\n"));
    assertTrue(typing("no\n", "--ask").out().contains("shares   typed here, and not shown\n"));
    assertEquals(Exit.OK, run("--yes").exit());
  }

  @Test
  void shares_come_from_a_secret_in_secrets_manager() throws Exception {
    try (FakeAws aws = FakeAws.open()) {
      var _ = FakeAws.credentials(folder);
      configure(
          """
          unseal.aws {
            region = eu-central-1, endpoint = "%s", credentials = files
            access-key { file = "%s" }, secret-key { file = "%s" }
          }
          """
              .formatted(
                  aws.endpoint(), folder.resolve("access-key"), folder.resolve("secret-key")));
      aws.on(
          "GetSecretValue",
          "{\"Name\":\"keys\",\"SecretString\":\"%s\"}".formatted(String.join("\\n", SHARES)));

      Typed run = run("--yes", "--share-secret", "keys");

      assertEquals(Exit.OK, run.exit(), run.err());
      assertTrue(run.out().contains("opened with secret keys line 1"), run.out());
      assertNoShare(run);
      aws.on("GetSecretValue", "{\"__type\":\"ResourceNotFoundException\",\"message\":\"no\"}");
      Typed missing =
          run("--node", far.vault().address().toString(), "--yes", "--share-secret", "keys");
      assertEquals(Exit.KMS_FAILED, missing.exit());
      assertTrue(missing.err().contains("there is no such secret"), missing.err());
    }
  }

  @Test
  void a_place_that_fails_is_said_and_the_others_suffice() throws Exception {
    configure("unseal.share-files = [\"/mnt/missing\", \"%s\"]".formatted(shares));

    Typed run = run("--yes");

    assertEquals(Exit.OK, run.exit(), run.err());
    assertTrue(run.err().startsWith("lifeboat: /mnt/missing: no such file\nhint: "), run.err());
  }

  @Test
  void too_few_because_a_place_fails_ends_before_anything_is_sent() throws Exception {
    Files.writeString(shares, share(1) + "\n");
    configure("unseal.share-files = [\"/mnt/missing\", \"%s\"]".formatted(shares));

    Typed run = run("--yes");

    assertEquals(Exit.CONFIGURATION, run.exit());
    assertTrue(
        run.err().contains("lifeboat: 1 different shares were found, and 3 are needed"), run.err());
    assertEquals(List.of(), near.vault().requests("sys/unseal"));
  }

  @Test
  void a_share_as_an_argument_is_not_taken_and_not_repeated() {
    Typed run = run("--share-secret", "a share, perhaps");

    assertEquals(Exit.USAGE, run.exit());
    assertFalse(run.err().contains("perhaps"), run.err());
  }

  @Test
  void wrong_shares_have_a_code_of_their_own() throws Exception {
    Files.writeString(shares, String.join("\n", share(1), share(2), share(9)) + "\n");

    Typed run = run("--yes", "--share-file", shares.toString());

    assertEquals(Exit.UNSEAL_FAILED, run.exit());
    assertTrue(run.out().contains("do not open it\n  hint: a share is mistyped"), run.out());
  }

  @Test
  void one_share_is_added_to_those_of_others() throws Exception {
    Files.writeString(shares, share(2) + "\n");

    Typed run = run("--add", "--yes", "--share-file", shares.toString());

    assertEquals(Exit.OK, run.exit(), run.err());
    assertTrue(run.out().contains("ok  has 1 of 3 shares\n  hint: 2 more to come"), run.out());
  }

  @Test
  void a_machine_reads_what_became_of_each_node() {
    far.vault().close();

    Typed run = run("--all", "--yes", "--json", "--share-file", shares.toString());

    assertEquals(Exit.VAULT_UNAVAILABLE, run.exit());
    JsonNode json = JsonMapper.shared().readTree(run.out());
    assertEquals("opened", json.path("nodes").path(0).path("result").stringValue());
    assertEquals("unreachable", json.path("nodes").path(1).path("result").stringValue());
    assertEquals(near.vault().address().toString(), json.path("leader").stringValue());
    assertEquals(Exit.USAGE, run("--json").exit());
    assertEquals(Exit.USAGE, run("--json", "--yes", "--plan").exit());
  }
}
