package dev.lifeboat.rekey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.vault.FakeVault;
import dev.lifeboat.vault.FakeVault.Reply;
import dev.lifeboat.vault.VaultClient;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadinessTest {
  private final FakeRekey server = new FakeRekey(true);

  @AfterEach
  void close() {
    server.close();
  }

  private Readiness.Findings look() {
    try (VaultClient client = Bench.client(server)) {
      return new Readiness(client, Bench::token).look();
    }
  }

  private String problem() {
    List<String> problems = look().problems();
    assertEquals(1, problems.size(), problems::toString);
    return problems.getFirst();
  }

  @Test
  void a_cluster_that_is_whole_is_ready() {
    Readiness.Findings found = look();

    assertEquals(List.of(), found.problems());
    assertEquals(new Shape(4, 3), found.shape());
    assertEquals(1, found.epoch());
    assertEquals("sys/rotate/root", found.api());
    assertEquals(Target.UNSEAL_KEY, found.target());
  }

  @ParameterizedTest
  @CsvSource({"2.5.1, can lose all shares", "2.4.9, can lose all shares", "x, can lose"})
  void versions_that_lose_shares_are_refused(String version, String words) {
    server.version = version;

    assertTrue(problem().contains(words), problem());
  }

  @Test
  void versions_that_do_not_are_not() {
    server.version = "2.5.2";

    assertEquals(List.of(), look().problems());
  }

  @Test
  void random_recovery_keys_of_an_old_server_are_refused() {
    server
        .vault()
        .on(
            "sys/seal-status",
            Reply.json(
                200,
                """
                {"type":"static","initialized":true,"sealed":false,"t":1,"n":1,"progress":0,
                "version":"2.5.9","storage_type":"raft","recovery_seal":true,"commit_date":"2026"}\
                """));

    assertTrue(problem().contains("issue 2648"), problem());
    assertEquals(Target.RECOVERY_KEY, look().target());
  }

  @ParameterizedTest
  @CsvSource({
    "'\"sealed\":true,\"initialized\":true', is sealed: a node",
    "'\"sealed\":true,\"initialized\":false', holds no data",
    "'\"sealed\":false,\"initialized\":true,\"migration\":true', change of its seal"
  })
  void a_node_that_is_not_open_is_named(String state, String words) {
    server
        .vault()
        .on(
            "sys/seal-status",
            Reply.json(200, "{\"type\":\"shamir\",\"version\":\"1.21.0\",%s}".formatted(state)));

    assertTrue(problem().startsWith(server.vault().address().toString()), problem());
    assertTrue(problem().contains(words), problem());
  }

  @Test
  void one_that_does_not_answer_is_named() {
    FakeVault gone = FakeVault.open();
    gone.close();
    try (VaultClient client = Bench.client(server, gone.address())) {
      List<String> problems = new Readiness(client, Bench::token).look().problems();

      assertTrue(problems.getFirst().contains(gone.address() + " does not answer"));
    }
  }

  @Test
  void nodes_of_two_clusters_are_refused() {
    try (FakeVault other = FakeVault.open();
        VaultClient client = Bench.client(server, other.address())) {
      other.on(
          "sys/seal-status",
          Reply.json(
              200,
              """
              {"type":"shamir","initialized":true,"sealed":false,"t":2,"n":3,"cluster_id":"c2",\
              "version":"2.7.2"}\
              """));

      List<String> problems = new Readiness(client, Bench::token).look().problems();

      assertTrue(problems.getFirst().contains("not of one cluster"), problems::toString);
    }
  }

  @Test
  void a_voter_that_nobody_looks_at_and_one_that_is_behind_are_refused() {
    server.voters = 2;
    assertTrue(problem().startsWith("raft has 2 voters, and 1 nodes are known"), problem());

    server.voters = 1;
    server.behind = 501;
    assertTrue(problem().startsWith("n2 is not caught up: 501 entries behind"), problem());
    server.behind = 500;
    assertEquals(List.of(), look().problems());
  }

  @Test
  void a_login_that_may_not_rotate_is_told_before_anything_is_begun() {
    server.rights = "\"deny\"";
    assertTrue(problem().contains("may not rotate the barrier key"), problem());

    server.rights = "\"root\"";
    assertEquals(List.of(), look().problems());
  }
}
