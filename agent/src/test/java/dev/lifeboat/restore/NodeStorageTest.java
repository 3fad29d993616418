package dev.lifeboat.restore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.machine.Machine;
import dev.lifeboat.machine.MachineConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/// The scripts, as a shell carries them out.
class NodeStorageTest {
  @TempDir Path folder;

  private final MachineConfig here = new MachineConfig(Optional.empty(), List.of());
  private final Machine machine = here.open();
  private Path data = Path.of("/");
  private NodeStorage storage = storage(data);

  private NodeStorage storage(Path path) {
    return new NodeStorage(
        new NodeConfig(
            "node-1",
            URI.create("http://127.0.0.1:8200"),
            Optional.empty(),
            path,
            List.of("true"),
            List.of("true"),
            List.of("true"),
            here),
        machine);
  }

  @BeforeEach
  void a_server_has_kept_data() throws IOException {
    data = Files.createDirectory(folder.resolve("da ta"));
    storage = storage(data);
    keep("1");
  }

  /// Whatever a server could leave there, and names that a shell could stumble over.
  private void keep(String content) throws IOException {
    Files.createDirectories(data.resolve("raft/snapshots"));
    Files.writeString(data.resolve("raft/raft.db"), content);
    for (String name : List.of("vault.db", "-rf", "a b", ".hidden", "..odd", "*")) {
      Files.writeString(data.resolve(name), content);
    }
  }

  @AfterEach
  void close() {
    machine.close();
  }

  private SortedSet<String> files(Path path) throws IOException {
    try (var files = Files.list(path)) {
      return new TreeSet<>(files.map(file -> file.getFileName().toString()).toList());
    }
  }

  private String refusal(Executable act) {
    RestoreException refused = assertThrows(RestoreException.class, act);
    return refused.reason() + " " + refused.getMessage();
  }

  @Test
  void everything_is_moved_away_but_what_is_ours() throws Exception {
    SortedSet<String> before = files(data);
    storage.lock("run-1", "me");

    storage.quarantine("lifeboat-quarantine-run-1");

    assertEquals(
        new TreeSet<>(List.of("lifeboat-quarantine-run-1", "lifeboat-restore.lock")), files(data));
    Path moved = data.resolve("lifeboat-quarantine-run-1");
    assertEquals(before, files(moved));
    assertEquals("1", Files.readString(moved.resolve("raft/raft.db")));
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(moved)));
  }

  @Test
  void data_is_there_until_it_is_moved() throws Exception {
    assertTrue(storage.holdsData());
    storage.quarantine("lifeboat-quarantine-run-1");
    assertFalse(storage.holdsData());
    assertFalse(storage(folder.resolve("none")).holdsData());
  }

  @Test
  void moving_twice_is_moving_once() throws Exception {
    storage.quarantine("lifeboat-quarantine-run-1");
    storage.quarantine("lifeboat-quarantine-run-1");

    assertEquals(new TreeSet<>(List.of("lifeboat-quarantine-run-1")), files(data));
  }

  /// A server that was started in between has written anew.
  @Test
  void what_is_moved_later_overwrites_nothing() throws Exception {
    storage.quarantine("lifeboat-quarantine-run-1");
    keep("2");

    storage.quarantine("lifeboat-quarantine-run-1");

    assertFalse(storage.holdsData());
    Path moved = data.resolve("lifeboat-quarantine-run-1");
    assertEquals("1", Files.readString(moved.resolve("vault.db")));
    assertEquals("1", Files.readString(moved.resolve("raft/raft.db")));
    assertEquals("2", Files.readString(moved.resolve("vault.db.2")));
    assertEquals("2", Files.readString(moved.resolve("raft.2/raft.db")));
  }

  @Test
  void a_copy_has_all_of_it_and_leaves_all_of_it() throws Exception {
    SortedSet<String> before = files(data);

    storage.copy("lifeboat-copy-run-1");
    Files.writeString(data.resolve("vault.db"), "2");
    storage.copy("lifeboat-copy-run-1");

    assertEquals(before, files(data.resolve("lifeboat-copy-run-1")));
    assertEquals("1", Files.readString(data.resolve("lifeboat-copy-run-1/raft/raft.db")));
    assertEquals("1", Files.readString(data.resolve("lifeboat-copy-run-1/vault.db")), "the first");
    before.add("lifeboat-copy-run-1");
    assertEquals(before, files(data));
  }

  @Test
  void a_copy_that_fails_leaves_nothing() throws Exception {
    // No shell may copy this one, whoever runs it.
    Files.createSymbolicLink(data.resolve("z"), Path.of("z"));
    Files.writeString(
        folder.resolve("cp"), "#!/bin/sh\ncase \"$3\" in z) exit 1;; esac\nexec /bin/cp \"$@\"\n");
    Files.setPosixFilePermissions(
        folder.resolve("cp"), PosixFilePermissions.fromString("rwx------"));
    SortedSet<String> before = files(data);
    Machine full = new ShortOfSpace(machine, folder);

    String refusal = refusal(() -> new NodeStorage(node(), full).copy("lifeboat-copy-run-1"));

    assertTrue(
        refusal.startsWith("FAILED node-1 on this machine: its storage cannot be copied"), refusal);
    assertEquals(before, files(data));
  }

  @Test
  void what_is_wrong_is_said_of_the_key_of_its_block() {
    NodeConfig node = node();
    NodeConfig scratch =
        new NodeConfig(
            "restore.scratch",
            "node-1",
            node.address(),
            Optional.empty(),
            Optional.of(folder.resolve("none")),
            node.start(),
            node.stop(),
            node.running(),
            node.log(),
            here);

    String refusal = refusal(() -> new NodeStorage(scratch, machine).unlock("run-1"));

    assertTrue(refusal.contains("is restore.scratch.storage right"), refusal);
    assertEquals("restore.nodes.node-1", node.key());
    assertEquals("restore.nodes.node-1", node.named("east/node-1").key());
  }

  private NodeConfig node() {
    return new NodeConfig(
        "node-1",
        URI.create("http://127.0.0.1:8200"),
        Optional.empty(),
        data,
        List.of("true"),
        List.of("true"),
        List.of("true"),
        here);
  }

  /// A fake: a machine whose `cp` is another program.
  private record ShortOfSpace(Machine machine, Path programs) implements Machine {
    @Override
    public Ran run(List<String> command, byte[] input, Duration bound) throws InterruptedException {
      List<String> all = new ArrayList<>(List.of("env", "PATH=" + programs + ":/usr/bin:/bin"));
      all.addAll(command);
      return machine.run(all, input, bound);
    }

    @Override
    public String words() {
      return machine.words();
    }

    @Override
    public void close() {}
  }

  @Test
  void one_run_at_a_time_has_the_node() throws Exception {
    storage.lock("run-1", "me at here");
    storage.lock("run-1", "me at here, later");

    String refusal = refusal(() -> storage.lock("run-2", "somebody else"));
    assertTrue(
        refusal.startsWith("BUSY node-1 is being restored by another run: run-1, me at here\n"),
        refusal);

    storage.unlock("run-2");
    assertTrue(files(data).contains("lifeboat-restore.lock"), "it is not that of run-2");
    storage.unlock("run-1");
    storage.unlock("run-1");
    storage.lock("run-2", "somebody else");
    assertFalse(files(data).stream().anyMatch(name -> name.startsWith(".lifeboat")));
  }

  @Test
  void a_folder_that_is_not_there_is_said() {
    NodeStorage none = storage(folder.resolve("none"));

    for (String refusal :
        List.of(
            refusal(() -> none.lock("run-1", "me")),
            refusal(() -> none.unlock("run-1")),
            refusal(() -> none.quarantine("lifeboat-q")),
            refusal(() -> none.copy("lifeboat-c")),
            refusal(() -> none.writePeers(new byte[0])))) {
      assertTrue(refusal.startsWith("FAILED node-1 on this machine: "), refusal);
      assertTrue(refusal.contains("hint: is restore.nodes.node-1.storage right"), refusal);
    }
  }

  @Test
  void the_peers_are_written_beside_the_log() throws Exception {
    storage.writePeers("[{}]".getBytes(StandardCharsets.UTF_8));

    assertEquals("[{}]", Files.readString(data.resolve("raft/peers.json")));
    assertEquals(
        new TreeSet<>(List.of("peers.json", "raft.db", "snapshots")), files(data.resolve("raft")));
  }

  @Test
  void parts_of_a_file_are_read() throws Exception {
    byte[] pages = new byte[3 * 4096 + 10];
    Arrays.fill(pages, 2 * 4096, pages.length, (byte) 7);
    Files.write(data.resolve("raft/raft.db"), pages);

    assertArrayEquals(
        Arrays.copyOfRange(pages, 4096, 3 * 4096),
        storage.read("raft/raft.db", 1, 2).orElseThrow());
    assertEquals(10, storage.read("raft/raft.db", 3, 5).orElseThrow().length);
    assertEquals(0, storage.read("raft/raft.db", 9, 1).orElseThrow().length);
    assertEquals(Optional.empty(), storage.read("raft/none.db", 0, 1));
  }
}
