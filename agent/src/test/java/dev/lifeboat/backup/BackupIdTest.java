package dev.lifeboat.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BackupIdTest {
  private static final Instant AT = Instant.parse("2026-11-22T02:00:01.999Z");

  @Test
  void an_id_is_its_second_and_eight_random_digits() {
    BackupId id = BackupId.create(AT, new Random(1));

    assertTrue(id.text().matches("20261122T020001Z-[0-9a-f]{8}"), id.text());
    assertEquals(Optional.of(Instant.parse("2026-11-22T02:00:01Z")), id.startedAt());
  }

  @Test
  void ids_of_one_second_differ_so_a_clock_that_steps_back_repeats_none() {
    Random random = new Random(1);

    assertNotEquals(BackupId.create(AT, random), BackupId.create(AT, random));
  }

  @Test
  void objects_are_named_after_their_backup() {
    BackupId id = new BackupId("20261122T020001Z-1f2e3d4c");

    assertEquals("20261122T020001Z-1f2e3d4c.data", id.data());
    assertEquals("20261122T020001Z-1f2e3d4c.manifest", id.manifest());
    assertEquals("20261122T020001Z-1f2e3d4c.0123456789abcdef.key", id.key("0123456789abcdef"));
    assertEquals("0123456789abcdef", id.recipientOf(id.key("0123456789abcdef")));
    assertEquals(Optional.of(id), BackupId.ofObject(id.data()));
    assertEquals(Optional.of(id), BackupId.ofObject(id.key("0123456789abcdef")));
    assertEquals(Optional.of(id), BackupId.ofObject(id.manifest()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "20261122T020001Z-1f2e3d4c",
        "20261122T020001Z-1f2e3d4c.data.partial",
        "20261122T020001Z-1F2E3D4C.data",
        "20261122T020001Z-1f2e3d4c.key",
        "20261122T020001Z-1f2e3d4c.manifest~",
        "x20261122T020001Z-1f2e3d4c.data",
        "notes.txt"
      })
  void a_foreign_object_belongs_to_no_backup(String object) {
    assertEquals(Optional.empty(), BackupId.ofObject(object));
  }

  @Test
  void an_impossible_second_has_no_instant() {
    assertEquals(Optional.empty(), new BackupId("20261341T020001Z-1f2e3d4c").startedAt());
    assertThrows(IllegalArgumentException.class, () -> new BackupId("today"));
  }
}
