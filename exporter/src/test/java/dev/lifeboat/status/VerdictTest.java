package dev.lifeboat.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.watch.Role;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerdictTest {
  @ParameterizedTest
  @CsvSource({
    "ACTIVE, active",
    "STANDBY, standby",
    "PERF_STANDBY, performance standby",
    "DR_SECONDARY, DR secondary",
    "SEALED, sealed",
    "UNINITIALIZED, not initialised",
    "REMOVED, removed",
    "UNREACHABLE, unreachable"
  })
  void every_role_has_its_word(Role role, String word) {
    assertEquals(word, Verdict.state(role));
  }

  @ParameterizedTest
  @CsvSource({"true, true, leader", "false, true, voter", "false, false, non-voter"})
  void a_peer_leads_votes_or_only_learns(boolean leader, boolean voter, String word) {
    assertEquals(word, Verdict.role(peer(leader, voter, Optional.empty())));
  }

  @Test
  void health_that_autopilot_does_not_tell_is_not_guessed() {
    assertEquals("not known", Verdict.health(peer(false, true, Optional.empty())));
    assertEquals("unhealthy", Verdict.health(peer(false, true, Optional.of(false))));
  }

  @Test
  void of_nodes_that_are_not_known_nothing_good_is_said() {
    assertEquals("all is well", Verdict.of(Statuses.healthy()));
    assertEquals(
        "this node is well; the others are not known here", Verdict.of(Statuses.standby()));
  }

  @Test
  void stores_that_cannot_be_read_hold_an_unknown_number() {
    var backups =
        new Status.Backups(
            Status.Stores.UNREADABLE,
            java.util.List.of(),
            0,
            false,
            Optional.empty(),
            Optional.empty());

    assertTrue(Verdict.stored(backups).startsWith("not known"));
  }

  private static Status.Peer peer(boolean leader, boolean voter, Optional<Boolean> healthy) {
    return new Status.Peer(
        "a",
        "127.0.0.1:8201",
        leader,
        voter,
        healthy,
        Optional.empty(),
        Optional.empty(),
        OptionalLong.empty());
  }
}
