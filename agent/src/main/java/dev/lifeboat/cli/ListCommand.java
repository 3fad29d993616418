package dev.lifeboat.cli;

import dev.lifeboat.backup.Catalogue;
import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Manifest;
import dev.lifeboat.status.Printable;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `lifeboat list`: what the stores hold, newest first.
@Command(
    name = "list",
    header = "Show the backups in all stores, newest first.",
    description = {
      "Checks the signature of each manifest and says which cannot be trusted; `lifeboat",
      "verify` also reads the data."
    })
final class ListCommand implements Verb {
  @Mixin private final ConfigOption config = new ConfigOption();

  @Option(names = "--json", description = "Print a JSON array, one object a backup.")
  private boolean json;

  @Override
  public Exit run(Surroundings surroundings) {
    List<Entry> entries;
    try (OpenCatalogue open = OpenCatalogue.open(config, surroundings)) {
      entries = open.catalogue().list();
    }
    if (json) {
      surroundings.out().print(Json.text(entries.stream().map(Json::entry).toList()));
    } else if (entries.isEmpty()) {
      surroundings.out().println("no backups yet");
    } else {
      surroundings.out().print(table(entries, surroundings.clock().instant()));
      print(entries, surroundings);
    }
    return entries.stream().anyMatch(entry -> entry.trouble().isPresent())
        ? Exit.VERIFICATION_FAILED
        : Exit.OK;
  }

  private static Table table(List<Entry> entries, Instant now) {
    Table table =
        new Table("ID", "TAKEN (UTC)", "AGE", "NODE", "RAFT INDEX", "SIZE", "STORES", "TRUST");
    for (Catalogue.Entry entry : entries) {
      String trust = entry.trouble().isPresent() ? "NO" : "signed";
      String stores = String.join(", ", entry.stores());
      if (entry.manifest().isEmpty()) {
        table.row(entry.id(), "?", "?", "?", "?", "?", stores, trust);
        continue;
      }
      Manifest manifest = entry.manifest().get();
      table.row(
          entry.id(),
          Words.utc(manifest.takenAt()),
          Words.when(manifest.takenAt(), now),
          manifest.node(),
          Long.toString(manifest.raft().index()),
          Words.size(manifest.plain().bytes()),
          stores,
          trust);
    }
    return table;
  }

  private static void print(List<Entry> entries, Surroundings surroundings) {
    for (Entry entry : entries) {
      entry
          .trouble()
          .ifPresent(
              trouble ->
                  surroundings
                      .err()
                      .println("lifeboat: %s: %s".formatted(entry.id(), Printable.of(trouble))));
    }
  }

  @Override
  public Set<Exit> exits() {
    return EnumSet.of(Exit.CONFIGURATION, Exit.STORE_FAILED, Exit.VERIFICATION_FAILED);
  }
}
