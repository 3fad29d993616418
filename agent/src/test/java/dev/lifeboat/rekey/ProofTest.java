package dev.lifeboat.rekey;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lifeboat.rekey.Proof.State;
import dev.lifeboat.unseal.Share;
import dev.lifeboat.vault.VaultClient;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProofTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-11-30T12:00:00Z"));

  @TempDir Path folder;

  private State prove(VaultClient client, List<Share> shares) throws InterruptedException {
    try (Proof proof = Proof.of(folder, "r", CLOCK, _ -> {})) {
      State state = proof.node(client.own(), shares, true).state();
      if (state == State.PROVEN) {
        proof.complete();
        proof.complete();
      }
      return state;
    }
  }

  @Test
  void a_node_counts_once_it_was_opened_with_them_and_never_before() throws Exception {
    try (FakeRekey server = new FakeRekey(true);
        VaultClient client = Bench.client(server)) {
      List<Share> wrong = FakeRekey.shares(9, 3).stream().map(FakeRekey::share).toList();

      assertEquals(State.OPEN, prove(client, server.current()));
      server.sealed = true;
      assertEquals(State.NOT_OPEN, prove(client, wrong));
      assertEquals(State.PROVEN, prove(client, server.current()));
      assertEquals(State.PROVEN, prove(client, List.of()));
      server.vault().close();
      assertEquals(State.NOT_OPEN, prove(client, server.current()));
    }
  }

  /// The old shares open a node that was left behind.
  @Test
  void what_was_opened_with_shares_that_nobody_knows_counts_only_when_they_turn_out_to_be_new()
      throws Exception {
    try (FakeRekey server = new FakeRekey(true);
        VaultClient client = Bench.client(server)) {
      server.sealed = true;

      try (Proof proof = Proof.of(folder, "r", CLOCK, _ -> {})) {
        Proof.Line unsure = proof.node(client.own(), server.current(), false);
        assertEquals(State.UNSURE, unsure.state());
        assertEquals(State.OPEN, proof.node(client.own(), List.of(), true).state());
        assertEquals(State.PROVEN, proof.proven(unsure).state());
        assertEquals(State.PROVEN, proof.node(client.own(), List.of(), true).state());
      }
    }
  }
}
