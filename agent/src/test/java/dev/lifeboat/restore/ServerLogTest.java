package dev.lifeboat.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Which lines of a server's log speak of its storage.
class ServerLogTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Error initializing storage of type raft: failed to create fsm: failed to open bolt file:"
            + " invalid database",
        "panic: freepages: failed to get all reachable pages (key[6]=(hex)636f on leaf page(18)",
        "panic: unrecognized log type: &raft.Log{Index:0x57, Term:0x4, Type:0x55",
        "panic: assertion failed: Page expected to be: 17, but self identifies as 0",
        "[signal SIGBUS: bus error code=0x2 addr=0x7f98f4a17000 pc=0xc80c97]",
        "unexpected fault address 0x7f98f4a17000",
        "[ERROR] core: decryption failed: cipher: message authentication failed",
        "Error initializing core: Error checking for existing seal: failed to get barrier seal"
            + " configuration at migration check time: failed to decode barrier seal configuration",
        "failed to proto decode stored keys: proto: cannot parse invalid wire-format data",
        "read /opt/openbao/data/vault.db: input/output error",
        "snapshot: checksum mismatch"
      })
  void says_damage(String line) {
    ServerLog log = ServerLog.of("[INFO]  core: vault is unsealed\n" + line + "\n");

    assertEquals(Optional.of(line), log.damage(false));
    assertEquals(Optional.empty(), log.disk(false));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[INFO]  storage.raft: entering follower state",
        "[WARN]  storage.raft: failed to get previous log: previous-index=87 last-index=86",
        "[INFO]  core: page loaded",
        "==> OpenBao server started!"
      })
  void says_nothing(String line) {
    assertEquals(0, ServerLog.of(line).lines().size());
  }

  @Test
  void a_full_disk_is_no_damage() {
    String line = "write /opt/openbao/data/raft/raft.db: no space left on device";
    ServerLog log = ServerLog.of(line);

    assertEquals(Optional.of(line), log.disk(true));
    assertEquals(Optional.empty(), log.damage(true));
  }

  @Test
  void what_was_said_before_the_last_start_counts_only_while_it_is_not_open() {
    ServerLog log =
        ServerLog.of(
            """
            failed to open bolt file: invalid database
            ==> OpenBao server configuration:
            [INFO]  core: vault is unsealed
            """);

    assertTrue(log.damage(false).isPresent());
    assertFalse(log.damage(true).isPresent());
  }

  @Test
  void a_line_that_is_said_again_and_again_is_kept_once_and_a_long_one_is_cut() {
    String line = "invalid database " + "x".repeat(1000);
    ServerLog log = ServerLog.of((line + "\n").repeat(50));

    assertEquals(1, log.lines().size());
    assertEquals(241, log.lines().getFirst().text().length());
  }
}
