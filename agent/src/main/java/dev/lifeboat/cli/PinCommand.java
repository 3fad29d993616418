package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.daemon.OpenStores;
import dev.lifeboat.daemon.PinDesk;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lifeboat pin`: a backup stays, whatever the retention of its stores.
@Command(
    name = "pin",
    header = "Keep a backup whatever the retention says.",
    description = {
      "Until the given time, or until `lifeboat unpin`. Pinning again replaces the pin of before.",
      "The agent that runs with this configuration signs the pin; when none runs, this process",
      "does, and must be able to read backup.signing-key-file."
    })
final class PinCommand implements Verb {
  @Mixin private final ConfigOption config = new ConfigOption();

  @Parameters(paramLabel = "ID", description = "The id of a backup, or its beginning.")
  private String id = "";

  @ArgGroup private @Nullable End end;

  /// When the pin ends by itself.
  static final class End {
    @Option(names = "--for", paramLabel = "TIME", description = "So long from now on: 90d, 12h.")
    private @Nullable String span;

    @Option(
        names = "--until",
        paramLabel = "DATE",
        description = "2027-02-20, or 2027-02-20T12:00:00Z.")
    private @Nullable String date;

    Instant at(Instant now) {
      return span == null ? Span.until(String.valueOf(date), now) : now.plus(Span.parse(span));
    }
  }

  @Override
  public Exit run(Surroundings surroundings) {
    Optional<Instant> until =
        Optional.ofNullable(end).map(given -> given.at(surroundings.clock().instant()));
    return fulfil(
        config,
        id,
        surroundings,
        (backup, whole) -> new PinDesk.Wish.Keep(whole, until, who(backup)),
        until.map(at -> "pinned until %s UTC".formatted(Words.utc(at))).orElse("pinned"));
  }

  /// Who pins, for whoever finds the pin in a year.
  static String who(BackupConfig backup) {
    return "%s at %s".formatted(System.getProperty("user.name", "?"), backup.node());
  }

  /// Makes the wish of the whole id.
  interface Wishes {
    PinDesk.Wish of(BackupConfig backup, String whole);
  }

  static Exit fulfil(
      ConfigOption config, String id, Surroundings surroundings, Wishes wishes, String done) {
    LifeboatConfig read = config.read(surroundings);
    BackupConfig backup = config.backup(read, surroundings);
    Entry entry;
    try (OpenCatalogue open = OpenCatalogue.open(config, surroundings)) {
      entry = open.find(id);
    }
    if (entry.manifest().isEmpty()) {
      throw new CommandException(
          Exit.VERIFICATION_FAILED,
          "%s: %s".formatted(entry.id(), entry.trouble().orElse("it has no manifest")));
    }
    try (OpenStores stores = OpenStores.open(backup)) {
      PinDesk desk = new PinDesk(backup, stores.all(), surroundings.clock());
      List<String> where = desk.ask(read.controlSocket(), wishes.of(backup, entry.id()));
      surroundings
          .out()
          .println("backup %s: %s in %s".formatted(entry.id(), done, String.join(", ", where)));
    }
    return Exit.OK;
  }

  @Override
  public Set<Exit> exits() {
    return EnumSet.of(
        Exit.CONFIGURATION, Exit.STORE_FAILED, Exit.NOT_FOUND, Exit.VERIFICATION_FAILED);
  }
}
