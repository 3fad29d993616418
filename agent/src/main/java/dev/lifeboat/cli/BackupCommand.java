package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.BackupOutcome;
import dev.lifeboat.backup.Manifest;
import dev.lifeboat.backup.Occasion;
import dev.lifeboat.daemon.BackupClient;
import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.status.Printable;
import dev.lifeboat.store.StoreConfig;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `lifeboat backup`: one backup now, by the running agent or, without one, by this process.
@Command(
    name = "backup",
    header = "Take a backup now.",
    description = {
      "The agent that runs with this configuration takes it; when none runs, this process does.",
      "Ends when the backup is verified, encrypted and durable in every required store; one that",
      "is not required and failed is named. While the agent does the work, Ctrl-C ends only the",
      "watching."
    })
final class BackupCommand implements Verb {
  @Mixin private final ConfigOption config = new ConfigOption();

  @Option(names = "--json", description = "Print the manifest as JSON.")
  private boolean json;

  @Option(
      names = "--label",
      paramLabel = "TEXT",
      description = "A word or two for its manifest: pre-upgrade.")
  private @Nullable String label;

  @Option(
      names = "--pin",
      paramLabel = "TIME",
      description = "Keep it so long whatever the retention says: 90d, 12h, or forever.")
  private @Nullable String pin;

  @Override
  public Exit run(Surroundings surroundings) throws InterruptedException {
    LifeboatConfig read = config.read(surroundings);
    BackupConfig backup = config.backup(read, surroundings);
    Occasion occasion = new Occasion(Optional.empty(), label(), pinning(backup));
    BackupOutcome outcome;
    try (ProgressMeter meter = new ProgressMeter(surroundings)) {
      outcome =
          new BackupClient(read, backup)
              .run(occasion, surroundings.clock(), surroundings.milestones(), meter);
    }
    return switch (outcome) {
      case BackupOutcome.Stored stored -> {
        print(stored, backup, surroundings);
        yield Exit.OK;
      }
      case BackupOutcome.SlotTaken _, BackupOutcome.SlotHeld _ ->
          throw new IllegalStateException("a run by hand has no slot: " + outcome);
      case BackupOutcome.Failed failed -> {
        String hint = failed.hint().isEmpty() ? "" : "\nhint: " + failed.hint();
        Failure failure = Failure.sentence(Failure.exit(failed.reason()), failed.message() + hint);
        failure.print(surroundings.err());
        yield failure.exit();
      }
    };
  }

  private Optional<String> label() {
    if (label != null && !Occasion.isLabel(label)) {
      throw new CommandException(
          Exit.USAGE,
          "'%s' is no label\nhint: 1 to 64 letters, digits, spaces and . _ / -".formatted(label));
    }
    return Optional.ofNullable(label);
  }

  private Optional<Occasion.Pinning> pinning(BackupConfig backup) {
    return Optional.ofNullable(pin)
        .map(
            text ->
                new Occasion.Pinning(
                    text.equals("forever") ? Optional.empty() : Optional.of(Span.parse(text)),
                    PinCommand.who(backup)));
  }

  private void print(BackupOutcome.Stored stored, BackupConfig config, Surroundings surroundings) {
    Manifest manifest = stored.manifest();
    stored
        .leftOut()
        .forEach(
            (store, why) ->
                surroundings
                    .err()
                    .println(
                        "lifeboat: stored without %s, which is not required: %s"
                            .formatted(store, Printable.of(why))));
    if (json) {
      surroundings.out().print(new String(manifest.toJson(), StandardCharsets.UTF_8));
      return;
    }
    String stores =
        String.join(
            ", ",
            config.written().stream()
                .map(StoreConfig::name)
                .filter(name -> !stored.leftOut().containsKey(name))
                .toList());
    surroundings
        .out()
        .print(
            new Facts("backup " + manifest.id())
                .add(
                    "taken from",
                    "%s, %s"
                        .formatted(
                            manifest.takenFrom(),
                            manifest
                                .raft()
                                .map(raft -> "raft index " + raft.index())
                                .orElse("by a dump of its database")))
                .add(
                    "size",
                    "%s, stored encrypted as %s"
                        .formatted(
                            Words.size(manifest.plain().bytes()),
                            Words.size(manifest.stored().bytes())))
                .add("opened by", ManifestText.recipients(manifest))
                .add("stored in", stores)
                .add("took", Words.took(stored.took())));
  }

  @Override
  public Set<Exit> exits() {
    return EnumSet.of(
        Exit.CONFIGURATION,
        Exit.VAULT_UNAVAILABLE,
        Exit.VAULT_DENIED,
        Exit.BACKUP_FAILED,
        Exit.STORE_FAILED,
        Exit.KMS_FAILED,
        Exit.ALREADY_RUNNING);
  }
}
