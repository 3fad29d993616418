package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupOutcome;
import dev.lifeboat.journal.Step;
import java.util.Map;
import java.util.function.Supplier;

/// A backup after something that those before it do not have.
///
/// @param taking waits for it
record FreshBackup(Supplier<BackupOutcome> taking) implements Step {
  static final String NAME = "backup";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String text() {
    return "take a backup, whose snapshot the new shares open";
  }

  @Override
  public Map<String, String> run(Notes notes) {
    return Map.of("id", of(taking.get()));
  }

  /// The id of what was asked for by hand.
  static String of(BackupOutcome outcome) {
    return switch (outcome) {
      case BackupOutcome.Stored stored -> stored.manifest().id();
      case BackupOutcome.SlotTaken _, BackupOutcome.SlotHeld _ ->
          throw new IllegalStateException("a run by hand has no slot");
      case BackupOutcome.Failed failed -> {
        String hint = failed.hint().isEmpty() ? "" : "\nhint: " + failed.hint();
        throw new CommandException(Failure.exit(failed.reason()), failed.message() + hint);
      }
    };
  }
}
