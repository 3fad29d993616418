package dev.lifeboat.daemon;

import dev.lifeboat.backup.BackupOutcome;
import dev.lifeboat.backup.Catalogue.Copy;
import dev.lifeboat.backup.Catalogue.Finding;
import dev.lifeboat.backup.Manifest;
import dev.lifeboat.notify.Event;
import dev.lifeboat.notify.EventKind;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What others are told of backups; docs/notify.md shows every field.
public final class BackupEvents {
  private static final int FINDINGS_MAX = 20;

  private final String node;
  private final InstantSource clock;
  private final Consumer<Event> told;

  /// @param node its name in the configuration
  public BackupEvents(String node, InstantSource clock, Consumer<Event> told) {
    this.node = node;
    this.clock = clock;
    this.told = told;
  }

  /// A slot that another agent took is nobody's news: that agent tells of it.
  ///
  /// @param stores that are configured
  /// @param failuresBefore runs that failed since the last one that did not
  public void finished(BackupOutcome outcome, List<String> stores, long failuresBefore) {
    switch (outcome) {
      case BackupOutcome.Stored stored -> stored(stored, stores, failuresBefore);
      case BackupOutcome.SlotTaken _, BackupOutcome.SlotHeld _ -> {}
      case BackupOutcome.Failed failed -> failed(failed, failuresBefore + 1);
    }
  }

  private void stored(BackupOutcome.Stored stored, List<String> stores, long failuresBefore) {
    Manifest manifest = stored.manifest();
    List<String> in = new ArrayList<>(stores);
    in.removeAll(stored.leftOut().keySet());
    ObjectNode details = backup(manifest, in, stored.took());
    ObjectNode leftOut = details.withObjectProperty("backup").putObject("left_out");
    stored.leftOut().forEach(leftOut::put);
    String what = "The backup %s is stored in %s.".formatted(manifest.id(), String.join(", ", in));
    tell(EventKind.BACKUP_SUCCEEDED, what, details);
    if (failuresBefore > 0) {
      tell(
          EventKind.BACKUP_RECOVERED,
          "Backups succeed again, after %d that failed.".formatted(failuresBefore),
          details.deepCopy().put("failures_before", failuresBefore));
    }
  }

  private static ObjectNode backup(Manifest manifest, List<String> stores, Duration took) {
    ObjectNode details = JsonNodeFactory.instance.objectNode();
    ObjectNode backup = details.putObject("backup").put("id", manifest.id());
    manifest.schedule().ifPresent(schedule -> backup.put("schedule", schedule));
    manifest.slot().ifPresent(slot -> backup.put("slot", slot.toString()));
    manifest.label().ifPresent(label -> backup.put("label", label));
    backup.put("taken_at", manifest.takenAt().toString());
    manifest.raft().ifPresent(raft -> backup.put("raft_index", raft.index()));
    backup.put("bytes", manifest.plain().bytes()).put("stored_bytes", manifest.stored().bytes());
    ArrayNode names = backup.putArray("stores");
    stores.forEach(names::add);
    backup.put("took_ms", took.toMillis());
    return details;
  }

  private void failed(BackupOutcome.Failed failed, long consecutive) {
    ObjectNode details = JsonNodeFactory.instance.objectNode();
    details
        .putObject("failure")
        .put("reason", failed.reason().label())
        .put("message", failed.message())
        .put("hint", failed.hint())
        .put("consecutive", consecutive)
        .put("took_ms", failed.took().toMillis());
    String what = "A backup failed (%s).".formatted(failed.reason().label());
    tell(EventKind.BACKUP_FAILED, what, details);
  }

  /// A copy that was read to its end.
  public void verified(String id, Copy copy) {
    boolean good = copy.findings().isEmpty();
    ObjectNode details = JsonNodeFactory.instance.objectNode();
    ObjectNode verification =
        details
            .putObject("verification")
            .put("backup", id)
            .put("store", copy.store())
            .put("depth", copy.depth().label())
            .put("bytes", copy.bytesRead())
            .put("took_ms", copy.took().toMillis());
    ArrayNode findings = verification.putArray("findings");
    for (Finding finding : copy.findings().stream().limit(FINDINGS_MAX).toList()) {
      findings.addObject().put("object", finding.object()).put("message", finding.message());
    }
    tell(
        good ? EventKind.VERIFICATION_GOOD : EventKind.VERIFICATION_WRONG,
        good
            ? "The backup %s in the store %s is what was written.".formatted(id, copy.store())
            : "The backup %s in the store %s is not what was written.".formatted(id, copy.store()),
        details);
  }

  private void tell(EventKind kind, String summary, ObjectNode details) {
    told.accept(new Event(kind, UUID.randomUUID(), clock.instant(), node, summary, details));
  }
}
