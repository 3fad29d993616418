package dev.lifeboat.restore;

import dev.lifeboat.machine.Machine;
import dev.lifeboat.machine.Machine.Ran;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The storage folder of one node, on its machine. Nothing in it is ever deleted: what has to go is
/// moved into a folder within it, so that no second file system and no right to the folder above is
/// needed, and a full disk does not stop it.
final class NodeStorage {
  /*
   * Everything of ours in a storage folder begins with `lifeboat-`, and neither server minds it.
   *
   * Each act is one script for a POSIX shell, the same here and over SSH, and can be repeated: what
   * was moved is not there any more.
   */
  private static final Duration QUICK = Duration.ofSeconds(30);
  private static final Duration COPYING = Duration.ofHours(1);

  /// A rename is quick; the disk may have more to write than that.
  private static final Duration MOVING = Duration.ofMinutes(5);

  private static final int LOCKED = 75;
  private static final int PAGE_BYTES = 4096;

  private static final String EACH =
      """
      set -eu
      cd -- "$1"
      [ -d "$2" ] || mkdir -m 700 -- "$2"
      for f in * .[!.]* ..?*; do
        case "$f" in lifeboat-*|.lifeboat-*|lost+found) continue ;; esac
        [ -e "$f" ] || [ -L "$f" ] || continue
        if ! [ -e vault.db ] && ! [ -e raft ] && ! [ -e "$2/vault.db" ] && ! [ -e "$2/raft" ]; then
          echo "$f is there and neither vault.db nor raft: that is no raft storage" >&2
          exit 3
        fi
        %s
      done
      sync -f . 2>/dev/null || sync
      """;
  // What a server wrote since the last time goes beside what was moved then, as `vault.db.2`.
  private static final String MOVE =
      EACH.formatted(
          "t=\"$2/$f\"; n=1; while [ -e \"$t\" ] || [ -L \"$t\" ]; do n=$((n + 1)); t=\"$2/$f.$n\";"
              + " done; mv -- \"$f\" \"$t\"");
  private static final String COPY =
      """
      set -eu
      cd -- "$1"
      rm -rf -- "$2.partial"
      [ ! -d "$2" ] || exit 0
      trap 'rm -rf -- "$2.partial"' EXIT
      """
          + EACH.replace("\"$2\"", "\"$2.partial\"").formatted("cp -a -- \"$f\" \"$2.partial/\"")
          + "mv -- \"$2.partial\" \"$2\"\n";
  private static final String ROOM =
      """
      cd -- "$1" || exit 0
      need=0
      for f in vault.db raft; do
        if [ -e "$f" ]; then need=$((need + $(du -sk -- "$f" | cut -f 1))); fi
      done
      free=$(df -Pk . | tail -n 1 | awk '{ print $4 }')
      [ "$need" -lt "$free" ] || { echo "$need KiB are needed, $free KiB are free"; exit 1; }
      """;
  private static final String LOCK =
      """
      set -eu
      cd -- "$1"
      t=".lifeboat-lock.$$"
      cat > "$t"
      if ln -- "$t" lifeboat-restore.lock 2>/dev/null; then rm -f -- "$t"; exit 0; fi
      rm -f -- "$t"
      cat lifeboat-restore.lock
      exit 75
      """;
  private static final String UNLOCK =
      """
      set -eu
      cd -- "$1"
      [ -e lifeboat-restore.lock ] || exit 0
      if [ "$(head -n 1 lifeboat-restore.lock)" = "$2" ]; then rm -f -- lifeboat-restore.lock; fi
      """;
  private static final String PEERS =
      """
      set -eu
      cd -- "$1/raft"
      cat > .lifeboat-peers
      chmod 644 .lifeboat-peers
      if [ "$(id -u)" = 0 ]; then chown "$(stat -c %u:%g .)" .lifeboat-peers; fi
      mv -- .lifeboat-peers peers.json
      sync -f . 2>/dev/null || sync
      """;

  private final NodeConfig node;
  private final Machine machine;

  NodeStorage(NodeConfig node, Machine machine) {
    this.node = node;
    this.machine = machine;
  }

  /// Whether the server has kept data there.
  boolean holdsData() throws InterruptedException {
    return script("cd -- \"$1\" && [ -e vault.db ]", QUICK, new byte[0]).exit() == 0;
  }

  /// Moves all of it away.
  ///
  /// @param name of the folder within; begins with `lifeboat-`
  void quarantine(String name) throws InterruptedException {
    require(script(MOVE, MOVING, new byte[0], name), "its storage cannot be moved away");
  }

  /// What a copy lacks, in words; empty when there is room for it.
  Optional<String> lacksRoomForCopy() throws InterruptedException {
    Ran ran = script(ROOM, MOVING, new byte[0]);
    return ran.good() ? Optional.empty() : Optional.of(ran.text());
  }

  /// Copies all of it, or nothing.
  void copy(String name) throws InterruptedException {
    require(script(COPY, COPYING, new byte[0], name), "its storage cannot be copied");
  }

  /// Takes the node for a run; a second time for the same run is fine.
  ///
  /// @param who a line for people: who has begun it, where and when
  void lock(String run, String who) throws InterruptedException {
    Ran ran = script(LOCK, QUICK, (run + "\n" + who + "\n").getBytes(StandardCharsets.UTF_8));
    if (ran.exit() == LOCKED) {
      List<String> lines = ran.text().lines().toList();
      if (!lines.isEmpty() && lines.getFirst().equals(run)) {
        return;
      }
      throw new RestoreException(
          RestoreException.Reason.BUSY,
          "%s is being restored by another run: %s\nhint: %s"
              .formatted(
                  node.id(),
                  String.join(", ", lines),
                  "let it finish; when it is dead for good, give the same command there again, or"
                      + " remove %s/lifeboat-restore.lock on that machine"
                          .formatted(node.storage())));
    }
    require(ran, "the node cannot be taken for this run");
  }

  /// Leaves what another run holds.
  void unlock(String run) throws InterruptedException {
    require(script(UNLOCK, QUICK, new byte[0], run), "the node cannot be given back");
  }

  /// What the server takes for its peers at its next start, instead of those in its log.
  void writePeers(byte[] json) throws InterruptedException {
    require(script(PEERS, QUICK, json), "peers.json cannot be written");
  }

  /// A part of a file; empty when there is no such file.
  ///
  /// @param file below the storage folder
  Optional<byte[]> read(String file, long page, int pages) throws InterruptedException {
    Path path = node.storage().resolve(file);
    Ran ran =
        machine.run(
            List.of(
                "dd",
                "if=" + path,
                "bs=" + PAGE_BYTES,
                "skip=" + page,
                "count=" + pages,
                "status=none"),
            new byte[0],
            QUICK);
    return ran.good() ? Optional.of(ran.out()) : Optional.empty();
  }

  private Ran script(String script, Duration bound, byte[] input, String... arguments)
      throws InterruptedException {
    List<String> command =
        new ArrayList<>(List.of("sh", "-c", script, "lifeboat", node.storage().toString()));
    command.addAll(List.of(arguments));
    return machine.run(command, input, bound);
  }

  private void require(Ran ran, String what) {
    if (!ran.good()) {
      throw RestoreException.failed(
          "%s on %s: %s (%s)\nhint: is %s.storage right, and may the user there"
                  .formatted(
                      node.id(),
                      machine.words(),
                      what,
                      ran.err().isBlank() ? "exit " + ran.exit() : ran.err().strip(),
                      node.key())
              + " write to it? run-with = [\"sudo\", \"-n\"] helps");
    }
  }
}
