package dev.lifeboat.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lifeboat.backup.BackupOutcome;
import dev.lifeboat.backup.Catalogue.Copy;
import dev.lifeboat.backup.Catalogue.Depth;
import dev.lifeboat.backup.Catalogue.Finding;
import dev.lifeboat.backup.FailureReason;
import dev.lifeboat.backup.Manifest;
import dev.lifeboat.notify.Event;
import dev.lifeboat.schedule.Slot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The details of each event are an interface; docs/notify.md shows them.
class BackupEventsTest {
  private static final Instant NOW = Instant.parse("2026-11-22T02:00:07Z");

  private final List<String> told = new ArrayList<>();
  private final BackupEvents events =
      new BackupEvents("vault-1", InstantSource.fixed(NOW), this::tell);

  private void tell(Event event) {
    told.add("%s %s %s".formatted(event.kind().label(), event.summary(), event.details()));
  }

  @Test
  void a_backup_that_succeeded_after_two_that_failed_is_two_events() throws IOException {
    events.finished(
        new BackupOutcome.Stored(
            manifest(), Duration.ofMillis(1850), Map.of("far", "no answer in time")),
        List.of("near", "far"),
        2);

    String details =
        "{\"backup\":{\"id\":\"20261122T020001Z-1f2e3d4c\",\"schedule\":\"daily\","
            + "\"slot\":\"2026-11-22T02:00:00Z\",\"taken_at\":\"2026-11-22T02:00:01Z\","
            + "\"raft_index\":1234,\"bytes\":20505,\"stored_bytes\":20561,"
            + "\"stores\":[\"near\"],\"took_ms\":1850,"
            + "\"left_out\":{\"far\":\"no answer in time\"}}";
    assertEquals(
        List.of(
            "backup-succeeded The backup 20261122T020001Z-1f2e3d4c is stored in near. "
                + details
                + "}",
            "backup-recovered Backups succeed again, after 2 that failed. "
                + details
                + ",\"failures_before\":2}"),
        told);
  }

  @Test
  void a_failed_one_says_why_and_how_many_in_a_row() {
    events.finished(
        new BackupOutcome.Failed(
            FailureReason.STORE, "store far: full", "free space there", Duration.ofSeconds(3)),
        List.of("far"),
        1);

    assertEquals(
        List.of(
            "backup-failed A backup failed (store). {\"failure\":{\"reason\":\"store\","
                + "\"message\":\"store far: full\",\"hint\":\"free space there\","
                + "\"consecutive\":2,\"took_ms\":3000}}"),
        told);
  }

  @Test
  void a_slot_that_another_agent_has_taken_is_no_event() {
    events.finished(
        new BackupOutcome.SlotTaken(
            new Slot("daily", NOW, NOW.plusSeconds(86400)), "id", Duration.ZERO),
        List.of("near"),
        0);

    assertEquals(List.of(), told);
  }

  @Test
  void a_verification_names_what_it_found() {
    events.verified("20261122T020001Z-1f2e3d4c", copy(List.of()));
    events.verified(
        "20261122T020001Z-1f2e3d4c",
        copy(List.of(new Finding("far", "20261122T020001Z-1f2e3d4c.data", "another SHA-256"))));

    String details =
        "{\"verification\":{\"backup\":\"20261122T020001Z-1f2e3d4c\",\"store\":\"far\","
            + "\"depth\":\"archive\",\"bytes\":20561,\"took_ms\":40,\"findings\":[";
    assertEquals(
        List.of(
            "verification-good The backup 20261122T020001Z-1f2e3d4c in the store far is what was"
                + " written. "
                + details
                + "]}}",
            "verification-wrong The backup 20261122T020001Z-1f2e3d4c in the store far is not what"
                + " was written. "
                + details
                + "{\"object\":\"20261122T020001Z-1f2e3d4c.data\","
                + "\"message\":\"another SHA-256\"}]}}"),
        told);
  }

  private static Copy copy(List<Finding> findings) {
    return new Copy("far", Depth.ARCHIVE, findings, 20561, Duration.ofMillis(40), true, List.of());
  }

  private static Manifest manifest() throws IOException {
    Path file = Path.of("src/test/resources/dev/lifeboat/daemon/manifest.json");
    return Manifest.parse(Files.readString(file).getBytes(UTF_8));
  }
}
