package dev.lifeboat.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.MadeBackup;
import dev.lifeboat.keys.KeyFiles;
import dev.lifeboat.keys.RecipientIdentity;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.restore.FakeRaft;
import dev.lifeboat.route53.FakeRoute53;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/// `restore region` as typed, on genuine backups, fake nodes and a fake of Route 53.
class RestoreRegionTest {
  private static final String NAME = "vault.example.org";
  private static final String EAST = "203.0.113.10";
  private static final String WEST = "198.51.100.7";

  @TempDir Path folder;
  private final SigningKey signing = SigningKey.generate("n1");
  private final RecipientIdentity escrow = RecipientIdentity.generate("ops");
  private FakeRaft east = FakeRaft.of(Path.of(System.getProperty("java.io.tmpdir")), false, 0);
  private FakeRaft west = FakeRaft.of(Path.of(System.getProperty("java.io.tmpdir")), false, 0);
  private FakeRoute53 aws;

  @BeforeEach
  void a_region_with_data_and_an_empty_one() throws IOException {
    KeyFiles.writePrivate(folder.resolve("signing-key"), signing.line());
    KeyFiles.writePublic(folder.resolve("trusted-signers"), signing.signer().toString());
    KeyFiles.writePublic(folder.resolve("recipients"), escrow.recipient().toString());
    KeyFiles.writePrivate(folder.resolve("identity"), escrow.line());
    secret("token", FakeRaft.TOKEN);
    secret("shares", String.join("\n", FakeRaft.shares()) + "\n");
    aws = FakeRoute53.open().has(NAME, "A", EAST);
    for (String store : List.of("near", "far")) {
      Files.createDirectory(folder.resolve(store));
    }
    east = FakeRaft.of(folder.resolve("east"), false, 1);
    west = FakeRaft.of(folder.resolve("west"), false, 1);
    backup(20, "near");
    backup(20, "far");
    backup(21, "near");
    configure();
  }

  private void secret(String name, String content) throws IOException {
    Path file = Files.writeString(folder.resolve(name), content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  @AfterEach
  void close() {
    east.close();
    west.close();
    aws.close();
  }

  private static Instant at(int day) {
    return Instant.parse("2026-11-%02dT02:00:00Z".formatted(day));
  }

  private static String id(int day) {
    return MadeBackup.id(at(day));
  }

  private void backup(int day, String store) {
    var _ =
        MadeBackup.at(at(day), signing, List.of(escrow.recipient()))
            .sealedBy("static", 3, 2)
            .storeIn(folder.resolve(store), List.of(escrow.recipient()));
  }

  private void configure() throws IOException {
    secret("access-key", "of-nobody");
    secret("secret-key", "of-nobody");
    Files.writeString(
        folder.resolve("lifeboat.conf"),
        """
        vault.auth { method = token, token = { file = "DIR/token" } }
        backup {
          node = n1
          spool = "DIR/spool"
          recipients-file = "DIR/recipients"
          signing-key-file = "DIR/signing-key"
          trusted-signers-file = "DIR/trusted-signers"
        }
        stores.near { type = local, path = "DIR/near" }
        stores.far { type = local, path = "DIR/far" }
        control.socket = "DIR/control"
        restore {
          folder = "DIR/runs"
          start-timeout = 15s
          record {
            zone = %s, name = %s, ttl = 1s, endpoint = "%s", credentials = files
            access-key { file = "DIR/access-key" }, secret-key { file = "DIR/secret-key" }
          }
          regions {
            east { stores = [near], answers = ["%s"], nodes { %s } }
            west { stores = [far], answers = ["%s"], nodes { %s } }
          }
        }
        """
            .formatted(
                FakeRoute53.ID, NAME, aws.endpoint(), EAST, east.blocks(), WEST, west.blocks())
            .replace("DIR", folder.toString()));
  }

  private String[] with(String... args) {
    List<String> all = new ArrayList<>(List.of("restore"));
    all.addAll(List.of(args));
    all.addAll(List.of("--config", folder.resolve("lifeboat.conf").toString()));
    return all.toArray(String[]::new);
  }

  private String[] region(String... args) {
    List<String> all = new ArrayList<>(List.of("region"));
    all.addAll(List.of(args));
    all.addAll(List.of("--identity", folder.resolve("identity").toString()));
    return with(all.toArray(String[]::new));
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

  private String name() {
    return aws.answers(NAME, "A");
  }

  @Test
  void the_plan_of_a_region_that_is_lost_brings_back_what_its_own_stores_have() {
    Typed run = Typed.run(region("west", "--plan"));

    assertExit(Exit.OK, run);
    assertTrue(run.out().startsWith("backup " + id(20) + "\n"), "not of near: " + run.out());
    assertSays("east/node-1", run);
    assertSays("let A %s answer %s: now %s".formatted(NAME, WEST, EAST), run);
    assertSays("loses       what was written after 2026-11-20 02:00", run);
    assertFalse(begun());
    assertSays("backup " + id(21), Typed.run(region("west", "--plan", "--store", "near")));
    assertSays(
        "backup " + id(20), Typed.run(region("east", "--plan", "--at", "2026-11-20T03:00:00Z")));
  }

  @Test
  void whoever_does_not_say_yes_has_begun_nothing() {
    assertExit(Exit.USAGE, Typed.run(region("west")));
    byte[] no = "no\n".getBytes(StandardCharsets.UTF_8);
    Typed refused = Typed.run(new ByteArrayInputStream(no), region("west"));

    assertExit(Exit.OK, refused);
    assertTrue(refused.err().endsWith("nothing was begun\n"), refused.err());
    assertFalse(begun());
    Typed moon = Typed.run(region("moon", "--yes"));
    assertExit(Exit.RESTORE_FAILED, moon);
    assertSays("restore.regions has no region 'moon'", moon);
    assertSays("hint: there is east, west", moon);
  }

  @Test
  void the_cluster_comes_back_elsewhere_and_its_name_with_it() throws IOException {
    Typed run = Typed.run(region("west", "--yes"));

    assertExit(Exit.OK, run);
    assertSays("stop east/node-1  ok", run);
    assertSays("switch the name  ok", run);
    assertSays("before %s, ttl 300 s".formatted(EAST), run);
    assertSays("node-1 proven\nnext: restore.nodes = ${restore.regions.west.nodes}, ", run);
    assertTrue(west.serves(1));
    assertEquals(WEST, name());

    Typed again = Typed.run(region("west", "--yes"));
    assertExit(Exit.RESTORE_FAILED, again);
    assertSays("west serves this cluster already", again);
  }

  @Test
  void a_node_of_the_region_can_be_left_out_by_its_name() {
    Typed none = Typed.run(region("west", "--plan", "--without", "node-7"));
    assertExit(Exit.RESTORE_FAILED, none);
    assertSays("restore.regions.west has no node 'node-7'\nhint: there is node-1", none);

    Typed all = Typed.run(region("west", "--plan", "--without", "node-1"));
    assertExit(Exit.RESTORE_FAILED, all);
    assertSays("restore.regions.west", all);
  }

  @Test
  void a_name_that_may_not_be_switched_fails_the_run_and_the_same_command_goes_on()
      throws IOException {
    aws.denies(true);

    Typed run = Typed.run(region("west", "--yes", "--json"));

    assertExit(Exit.RESTORE_FAILED, run);
    assertSays("cannot be read in zone", run);
    assertEquals(EAST, name());
    aws.denies(false);
    Typed again = Typed.run(region("west", "--yes", "--json"));
    assertExit(Exit.OK, again);
    assertTrue(JsonMapper.shared().readTree(again.out()).path("whole").asBoolean(false));
    assertEquals(WEST, name());
  }

  /// `--latest-verified` is the default, and so must not be what it fails on.
  @ParameterizedTest
  @ValueSource(strings = {"", "--latest-verified", "--store=near"})
  void from_a_region_that_serves_what_it_holds_now_comes_along(String chosen) throws IOException {
    east.young(1).serving();
    List<String> args = new ArrayList<>(List.of("west", "--yes"));
    if (!chosen.isEmpty()) {
      args.add(chosen);
    }

    Typed run;
    // An agent that runs here asks the node beside it, and that is not the one meant.
    try (ServerSocketChannel agent = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      agent.bind(UnixDomainSocketAddress.of(folder.resolve("control"))).configureBlocking(false);
      run = Typed.run(region(args.toArray(String[]::new)));
      assertNull(agent.accept());
    }

    assertExit(Exit.OK, run);
    assertSays("take a backup of what %s serves".formatted(east.address(1)), run);
    assertSays("back up what %s serves  ok; id 20261122T100000Z-".formatted(east.address(1)), run);
    assertTrue(west.serves(1));
    assertFalse(east.serves(1));
    assertEquals(WEST, name());
    for (String store : List.of("near", "far")) {
      assertTrue(holds(store, "20261122T100000Z-"), store);
    }
  }

  private boolean holds(String store, String id) throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve(store))) {
      return files.anyMatch(file -> file.getFileName().toString().startsWith(id));
    }
  }

  /// Whoever names a backup wants that one, whatever serves elsewhere.
  @Test
  void a_backup_that_is_named_comes_back_as_it_is() {
    east.serving();

    Typed plan = Typed.run(region("west", "--plan", "--id", id(20)));

    assertExit(Exit.OK, plan);
    assertSays("backup " + id(20), plan);
    assertFalse(plan.out().contains("take a backup"), plan.out());
  }

  /// Its leader says more than is in the snapshot that it gives.
  @Test
  void a_backup_that_fails_leaves_the_region_that_serves() {
    east.serving();

    Typed run = Typed.run(region("west", "--yes"));

    assertExit(Exit.BACKUP_FAILED, run);
    assertSays("ends at raft index 37", run);
    assertTrue(east.serves(1));
    assertEquals(EAST, name());
    assertExit(Exit.NOT_FOUND, Typed.run(with("abandon", "--yes")));
  }

  @Test
  void a_run_that_is_given_up_gives_the_nodes_of_every_region_back() throws IOException {
    fails();
    assertTrue(locked("east") && locked("west"));
    Typed named = Typed.run(region("west", "--plan", "--id", id(21)));
    assertExit(Exit.USAGE, named);
    assertSays("a run that brings back " + id(20), named);

    Typed run = Typed.run(with("abandon", "--yes"));

    assertExit(Exit.OK, run);
    assertFalse(locked("east") || locked("west"));
  }

  /// Its folder is on a disk of the region that is lost.
  @Test
  void a_run_is_taken_up_again_though_the_stores_of_the_other_region_do_not_open()
      throws IOException {
    lose("near");
    fails();

    Typed run = Typed.run(region("west", "--yes"));

    assertExit(Exit.OK, run);
    assertSays("fetch the backup  done before", run);
    assertTrue(west.serves(1));
  }

  @Test
  void a_run_that_was_begun_with_what_only_another_store_has_is_taken_up_again()
      throws IOException {
    fails("--store", "near");

    Typed run = Typed.run(region("west", "--yes"));

    assertExit(Exit.OK, run);
    assertSays("backup " + id(21), run);
    assertTrue(west.serves(1));
  }

  /// The west does not come up, and later it could.
  private void fails(String... more) throws IOException {
    west.cannotStart(1);
    configure();
    List<String> args = new ArrayList<>(List.of("west", "--yes"));
    args.addAll(List.of(more));
    assertExit(Exit.RESTORE_FAILED, Typed.run(region(args.toArray(String[]::new))));
    west.heal();
    configure();
  }

  private void lose(String store) throws IOException {
    Files.move(folder.resolve(store), folder.resolve("gone"));
    Files.writeString(folder.resolve(store), "no folder");
  }

  private boolean locked(String raft) {
    return Files.exists(folder.resolve(raft + "/node-1/data/lifeboat-restore.lock"));
  }
}
