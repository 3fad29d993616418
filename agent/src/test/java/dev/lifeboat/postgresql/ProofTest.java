package dev.lifeboat.postgresql;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/// Everything else is proven in the lab, against the real database.
final class ProofTest {
  private static final Instant NOW = Instant.parse("2026-11-27T02:00:00Z");

  @Test
  void a_scratch_database_is_known_by_its_name_and_age() {
    String name = Proof.scratch(NOW);

    assertTrue(name.matches("lifeboat_scratch_20261127020000_[0-9a-f]{8}"), name);
    assertFalse(Proof.isOlder(name, NOW));
    assertTrue(Proof.isOlder(name, NOW.plus(Duration.ofSeconds(1))));
    assertFalse(Proof.isOlder("lifeboat_scratch_", NOW));
    assertFalse(Proof.isOlder("lifeboat_scratch_of_somebody_else", NOW));
  }
}
