package dev.lifeboat.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.MadeBackup;
import dev.lifeboat.config.Secret;
import dev.lifeboat.golden.Golden;
import dev.lifeboat.keys.KeyFiles;
import dev.lifeboat.keys.RecipientIdentity;
import dev.lifeboat.keys.SigningKey;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `expire`, `pin`, `unpin` and what `list` says of them, on genuine backups in two local stores.
class ExpireTest {
  @TempDir Path folder;
  private final SigningKey signing = SigningKey.generate("n1");
  private final RecipientIdentity escrow = RecipientIdentity.generate("ops");

  @BeforeEach
  void setUp() throws IOException {
    KeyFiles.writePrivate(folder.resolve("signing-key"), signing.line());
    KeyFiles.writePublic(folder.resolve("trusted-signers"), signing.signer().toString());
    KeyFiles.writePublic(folder.resolve("recipients"), escrow.recipient().toString());
    KeyFiles.writePrivate(folder.resolve("identity"), escrow.line());
    Files.createDirectory(folder.resolve("near"));
    Files.createDirectory(folder.resolve("far"));
    retention("last = 2", "daily = 30, monthly = 12");
    for (int day = 19; day <= 22; day++) {
      MadeBackup.at(at(day), signing, List.of(escrow.recipient()))
          .storeIn(folder.resolve("near"), List.of(escrow.recipient()))
          .storeIn(folder.resolve("far"), List.of(escrow.recipient()));
    }
  }

  @Test
  void a_dry_run_prints_the_plan_of_every_store_and_deletes_nothing() {
    Typed run = run("expire", "--dry-run");

    assertEquals(Exit.OK, run.exit(), run.err());
    Golden.assertMatches("agent", "dev/lifeboat/cli/expire-dry-run.txt", run.out());
    assertEquals(4, manifests("near"));
  }

  @Test
  void with_yes_it_deletes_and_says_how_many() {
    Typed run = run("expire", "--yes");

    assertEquals(Exit.OK, run.exit(), run.err());
    assertTrue(run.out().endsWith("store near: 2 backups deleted\n"), run.out());
    assertEquals(2, manifests("near"));
    assertEquals(4, manifests("far"));
    Typed verify = run("verify", "--all", "--identity", folder.resolve("identity").toString());
    assertEquals(Exit.OK, verify.exit(), verify.out() + verify.err());
    assertTrue(run("expire", "--yes").out().contains("2 backups, 0 to go"));
  }

  @Test
  void nobody_is_asked_where_there_is_no_terminal() {
    Typed run = run("expire");

    assertEquals(Exit.USAGE, run.exit());
    assertEquals(
        """
        lifeboat: nobody is there to be asked: delete 2 from near?
        hint: --yes does it without asking
        """,
        run.err());
    assertEquals(4, manifests("near"));
  }

  @Test
  void only_a_whole_yes_on_the_terminal_deletes() {
    for (String answer : List.of("", "\n", "y\n", "no\n")) {
      Typed run = typed(answer, "expire", "--store", "near");

      assertEquals(Exit.OK, run.exit());
      assertEquals("delete 2 from near? Type yes: nothing was deleted\n", run.err());
      assertEquals(4, manifests("near"));
    }
    assertEquals(Exit.OK, typed("yes\n", "expire", "--store", "near").exit());
    assertEquals(2, manifests("near"));
  }

  @Test
  void too_large_a_share_is_refused_with_a_code_of_its_own_until_it_is_forced() throws IOException {
    retention("last = 1", "last = 3");

    Typed refused = run("expire", "--yes");

    assertEquals(Exit.EXPIRE_REFUSED, refused.exit());
    assertEquals(
        """
        lifeboat: store near: nothing is deleted: 3 of 4 backups would go, more than 50 %
        hint: look at the plan; if it is meant: lifeboat expire --force-share
        """,
        refused.err());
    assertEquals(4, manifests("near"));
    assertEquals(3, manifests("far"));
    assertEquals(Exit.OK, run("expire", "--yes", "--force-share").exit());
    assertEquals(1, manifests("near"));
  }

  @Test
  void json_has_every_decision_and_what_came_of_it() {
    JsonNode stores = JsonMapper.shared().readTree(run("expire", "--yes", "--json").out());

    assertEquals(2, stores.size());
    JsonNode near = stores.get(0);
    assertEquals("near", near.path("store").stringValue());
    assertEquals("last 2", near.path("retention").stringValue());
    assertEquals(false, near.path("dry_run").booleanValue());
    assertTrue(near.path("refused").isNull());
    assertEquals("keep", near.path("plan").get(0).path("verdict").stringValue());
    assertEquals("newest", near.path("plan").get(0).path("reasons").get(0).stringValue());
    assertEquals("2026-11-22T02:00:00Z", near.path("plan").get(0).path("taken_at").stringValue());
    assertEquals("expire", near.path("plan").get(3).path("verdict").stringValue());
    assertEquals(id(19), near.path("deleted").get(0).stringValue());
    assertEquals(0, stores.get(1).path("deleted").size());
  }

  @Test
  void a_store_that_is_not_there_is_named() {
    Typed run = run("expire", "--store", "nera");

    assertEquals(Exit.NOT_FOUND, run.exit());
    assertEquals("lifeboat: no store is called 'nera'\nhint: there is near, far\n", run.err());
  }

  @Test
  void one_store_that_fails_does_not_keep_the_other_from_expiring() throws IOException {
    Files.move(folder.resolve("far"), folder.resolve("gone"));
    Files.writeString(folder.resolve("far"), "a file is in the way");
    Files.writeString(
        config(), Files.readString(config()).replace("far {", "far { required = false,"));

    Typed run = run("expire", "--yes");

    assertEquals(Exit.STORE_FAILED, run.exit(), run.err());
    assertEquals(2, manifests("near"));
  }

  @Test
  void a_pinned_backup_stays_until_it_is_unpinned() {
    Typed pin = run("pin", id(19), "--for", "90d");
    assertEquals(Exit.OK, pin.exit(), pin.err());
    assertEquals(
        "backup %s: pinned until 2027-02-20 10:00:00 UTC in near, far\n".formatted(id(19)),
        pin.out());

    assertEquals(Exit.OK, run("expire", "--yes").exit());
    assertEquals(3, manifests("near"));
    assertTrue(run("list").out().contains("near: pinned until 2027-02-20T10:00:00Z; far: daily 4"));

    assertEquals(
        "backup %s: no longer pinned in near, far\n".formatted(id(19)),
        run("unpin", id(19).substring(0, 8)).out());
    assertEquals(Exit.OK, run("expire", "--yes").exit());
    assertEquals(2, manifests("near"));
  }

  @Test
  void a_pin_ends_on_a_date_or_never() {
    assertTrue(
        run("pin", id(19), "--until", "2027-01-31").out().contains("until 2027-01-31 00:00:00"));
    assertTrue(
        run("pin", id(19), "--until", "2026-11-22T10:00:01Z")
            .out()
            .contains("2026-11-22 10:00:01"));
    assertEquals(Exit.USAGE, run("pin", id(19), "--until", "2026-11-22").exit());
    assertEquals(Exit.USAGE, run("pin", id(19), "--until", "tomorrow").exit());
    assertEquals(Exit.USAGE, run("pin", id(19), "--for", "90").exit());
    assertEquals(Exit.USAGE, run("pin", id(19), "--for", "1h", "--until", "2027-01-31").exit());
    assertEquals("backup %s: pinned in near, far\n".formatted(id(19)), run("pin", id(19)).out());
    assertEquals(Exit.NOT_FOUND, run("pin", "2025").exit());
  }

  @Test
  void list_says_what_keeps_each_backup() throws IOException {
    retention("last = 3", "last = 3");
    Typed list = run("list");

    assertEquals(Exit.OK, list.exit());
    Golden.assertMatches("agent", "dev/lifeboat/cli/list-kept.txt", list.out());
    JsonNode oldest = JsonMapper.shared().readTree(run("list", "--json").out()).get(3);
    assertEquals("expire", oldest.path("retention").path("near").path("verdict").stringValue());
  }

  private static Instant at(int day) {
    return Instant.parse("2026-11-%02dT02:00:00Z".formatted(day));
  }

  /// When one place is gone, the other is what somebody looks for.
  @Test
  void a_store_that_cannot_be_read_is_named_and_the_others_are_listed_and_verified()
      throws Exception {
    int closed;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    KeyFiles.writePrivate(folder.resolve("aws-key"), new Secret("lab-only"));
    Files.writeString(
        config(),
        """
        stores.gone {
          type = s3, bucket = gone, path-style = true, endpoint = "http://127.0.0.1:%d"
          credentials = files, access-key { file = "DIR/aws-key" }
          secret-key { file = "DIR/aws-key" }
        }
        """
            .formatted(closed)
            .replace("DIR", folder.toString()),
        StandardOpenOption.APPEND);

    Typed list = run("list");
    Typed verify = run("verify", "--all", "--no-record");

    for (Typed run : List.of(list, verify)) {
      assertEquals(Exit.STORE_FAILED, run.exit(), run.err());
      assertTrue(run.err().startsWith("lifeboat: store gone: cannot"), run.err());
      assertTrue(run.out().contains(id(22)), run.out());
    }
  }

  private static String id(int day) {
    return MadeBackup.id(at(day));
  }

  private Path config() {
    return folder.resolve("lifeboat.conf");
  }

  private void retention(String near, String far) throws IOException {
    Files.writeString(
        config(),
        """
        backup {
          node = n1
          spool = "DIR/spool"
          recipients-file = "DIR/recipients"
          signing-key-file = "DIR/signing-key"
          trusted-signers-file = "DIR/trusted-signers"
        }
        stores.near { type = local, path = "DIR/near", retention { %s } }
        stores.far { type = local, path = "DIR/far", retention { %s } }
        control.socket = "DIR/control.sock"
        """
            .formatted(near, far)
            .replace("DIR", folder.toString()));
  }

  private Typed run(String... args) {
    return Typed.run(with(args));
  }

  private Typed typed(String answer, String... args) {
    return Typed.run(new ByteArrayInputStream(answer.getBytes(StandardCharsets.UTF_8)), with(args));
  }

  private String[] with(String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(List.of("--config", config().toString()));
    return all.toArray(String[]::new);
  }

  private long manifests(String store) {
    try (Stream<Path> files = Files.list(folder.resolve(store))) {
      return files.filter(file -> file.toString().endsWith(".manifest")).count();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
