package dev.lifeboat.cli;

import dev.lifeboat.backup.Catalogue;
import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Manifest;
import dev.lifeboat.retention.Decision;
import dev.lifeboat.status.Printable;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// `lifeboat list`: what the stores hold, newest first.
@Command(
    name = "list",
    header = "Show the backups in all stores, newest first.",
    description = {
      "Checks the signature of each manifest and says which cannot be trusted; `lifeboat",
      "verify` also reads the data, and VERIFIED is when that was last done. KEPT is what the",
      "retention of the stores says. A store that cannot be read is named, and what the others",
      "hold is listed all the same."
    })
final class ListCommand implements Verb {
  @Mixin private final ConfigOption config = new ConfigOption();

  @Option(names = "--json", description = "Print a JSON array, one object a backup.")
  private boolean json;

  @Override
  public Exit run(Surroundings surroundings) {
    Catalogue.Overview overview;
    try (OpenCatalogue open = OpenCatalogue.open(config, surroundings)) {
      overview = open.overview();
    }
    List<Entry> entries = overview.survey().entries();
    Kept kept = Kept.of(overview);
    if (json) {
      surroundings
          .out()
          .print(Json.text(entries.stream().map(entry -> json(entry, kept)).toList()));
    } else if (!entries.isEmpty()) {
      surroundings.out().print(table(entries, kept, surroundings.clock().instant()));
      print(entries, surroundings);
    } else if (overview.survey().failures().isEmpty()) {
      surroundings.out().println("no backups yet");
    }
    Optional<Exit> missing = OpenCatalogue.tell(overview.survey(), surroundings);
    if (missing.isPresent()) {
      return missing.get();
    }
    return entries.stream().anyMatch(entry -> entry.trouble().isPresent())
        ? Exit.VERIFICATION_FAILED
        : Exit.OK;
  }

  /// What becomes of the backups, by store and id.
  private record Kept(Map<String, Map<String, Decision>> stores) {
    static Kept of(Catalogue.Overview overview) {
      Map<String, Map<String, Decision>> stores = new HashMap<>();
      overview.plans().forEach((store, plan) -> stores.put(store, plan.byId()));
      return new Kept(stores);
    }

    /// Of one, by store.
    Map<String, Decision> of(Entry entry) {
      Map<String, Decision> kept = new LinkedHashMap<>();
      for (String store : entry.stores()) {
        Decision decision = stores.getOrDefault(store, Map.of()).get(entry.id());
        if (decision != null) {
          kept.put(store, decision);
        }
      }
      return kept;
    }
  }

  private static ObjectNode json(Entry entry, Kept kept) {
    ObjectNode object = Json.entry(entry);
    ObjectNode retention = object.putObject("retention");
    kept.of(entry)
        .forEach((store, decision) -> ExpiryJson.write(retention.putObject(store), decision));
    return object;
  }

  /// Once when all stores agree: `daily 3 of 30`; else `local: to expire; s3: daily 3 of 30`.
  private static String keptText(Map<String, Decision> kept) {
    List<String> words = kept.values().stream().map(ListCommand::word).distinct().toList();
    return words.size() == 1
        ? words.getFirst()
        : kept.entrySet().stream()
            .map(each -> each.getKey() + ": " + word(each.getValue()))
            .collect(Collectors.joining("; "));
  }

  private static String word(Decision decision) {
    return decision.expires() ? "to expire" : decision.reason();
  }

  private static Table table(List<Entry> entries, Kept decisions, Instant now) {
    Table table =
        new Table(
            "ID",
            "TAKEN (UTC)",
            "AGE",
            "SCHEDULE",
            "NODE",
            "RAFT INDEX",
            "SIZE",
            "STORES",
            "TRUST",
            "LABEL",
            "VERIFIED",
            "KEPT");
    for (Entry entry : entries) {
      String kept = keptText(decisions.of(entry));
      String trust = entry.trouble().isPresent() ? "NO" : "signed";
      String stores = String.join(", ", entry.stores());
      if (entry.manifest().isEmpty()) {
        table.row(entry.id(), "?", "?", "?", "?", "?", "?", stores, trust, "", "", kept);
        continue;
      }
      Manifest manifest = entry.manifest().get();
      table.row(
          entry.id(),
          Words.utc(manifest.takenAt()),
          Words.when(manifest.takenAt(), now),
          manifest.schedule().orElse(manifest.slot().isPresent() ? "" : "by hand"),
          manifest.node(),
          manifest.raft().map(raft -> Long.toString(raft.index())).orElse("-"),
          Words.size(manifest.plain().bytes()),
          stores,
          trust,
          manifest.label().orElse(""),
          entry.verified(),
          kept);
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
