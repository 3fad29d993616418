package dev.lifeboat.daemon;

import dev.lifeboat.backup.Catalogue;
import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.retention.Item;
import dev.lifeboat.retention.RetentionPlan;
import dev.lifeboat.store.StoreConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Which backups each store was seen to hold, so that a store that was emptied does not look like a
/// new one.
///
/// ```
/// {"type": "lifeboat-known-backups/1",
///  "places": {"/var/lib/lifeboat/store": [["ID", "TAKEN AT", "SLOT" | null], …]}}
/// ```
final class KnownBackups {
  /*
   * Stores cannot be compared with each other: one that was added today lacks what the others have,
   * and so does one that was emptied. So what was seen is remembered, by the place and not by the
   * name of the store: another bucket is another place.
   *
   * A backup that is gone was either expired, by whichever agent, or it is missing. Retention is a
   * pure plan, so it is asked once more as if the backup were still there: what it would let go is
   * forgotten, for good, so that a policy that is relaxed later does not call it missing. More
   * backups only ever push more out of a plan, hence nothing that was expired is called missing
   * where every node has the same policy.
   *
   * A backup is known an hour after it was taken: until then its run may still take it back.
   */
  private static final System.Logger logger = System.getLogger(KnownBackups.class.getName());
  private static final String TYPE = "lifeboat-known-backups/1";
  private static final Duration SETTLED = Duration.ofHours(1);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /// Of each place; of more the oldest are not remembered.
  private static final int KNOWN_MAX = 50_000;

  /// Enough for ten full places.
  private static final int BYTES_MAX = 64 << 20;

  private final Path file;
  private final List<StoreConfig> stores;
  private final Map<String, NavigableMap<String, Known>> places;
  private boolean changed;

  private record Known(Instant takenAt, Optional<Instant> slot) {
    Item item(String id) {
      return new Item(
          id, Optional.of(takenAt), slot, 0, Optional.empty(), Optional.empty(), List.of());
    }
  }

  private KnownBackups(
      Path file, List<StoreConfig> stores, Map<String, NavigableMap<String, Known>> places) {
    this.file = file;
    this.stores = List.copyOf(stores);
    this.places = new HashMap<>(places);
    this.places.keySet().retainAll(stores.stream().map(each -> each.where().place()).toList());
  }

  /// Knows nothing without the file, or with one that is damaged: what is found first is then what
  /// there should be.
  static KnownBackups open(Path file, List<StoreConfig> stores) {
    try (InputStream in = Files.newInputStream(file)) {
      return new KnownBackups(file, stores, parse(JSON.readTree(in.readNBytes(BYTES_MAX))));
    } catch (NoSuchFileException e) {
      return new KnownBackups(file, stores, Map.of());
    } catch (IOException | JacksonException | IllegalArgumentException | DateTimeException e) {
      logger.log(
          System.Logger.Level.WARNING,
          "event=known_backups_lost file=%s message=%s"
              .formatted(file, LogLines.quoted(String.valueOf(e.getMessage()))));
      return new KnownBackups(file, stores, Map.of());
    }
  }

  /// Learns from a reading of the stores, and says what is missing in it.
  ///
  /// @return by store, of those that were read: the ids of backups that were there and that its
  ///   retention keeps, the oldest first
  synchronized Map<String, List<String>> missing(Catalogue.Survey survey, Instant now) {
    Map<String, List<String>> missing = new TreeMap<>();
    for (StoreConfig store : stores) {
      if (!survey.failures().containsKey(store.name())) {
        missing.put(store.name(), missing(store, survey.entries(), now));
      }
    }
    if (changed) {
      changed = !save();
    }
    return missing;
  }

  private List<String> missing(StoreConfig store, List<Entry> entries, Instant now) {
    NavigableMap<String, Known> known =
        places.computeIfAbsent(store.where().place(), _ -> new TreeMap<>());
    Set<String> present = new HashSet<>();
    Map<String, Known> trusted = new HashMap<>();
    for (Entry entry : entries) {
      if (entry.stores().contains(store.name())) {
        present.add(entry.id());
        entry
            .manifest()
            .filter(_ -> entry.trouble().isEmpty())
            .ifPresent(m -> trusted.put(entry.id(), new Known(m.takenAt(), m.slot())));
      }
    }
    trusted.forEach(
        (id, backup) -> {
          if (!backup.takenAt().isAfter(now.minus(SETTLED))) {
            changed |= known.putIfAbsent(id, backup) == null;
          }
        });
    NavigableSet<String> gone = new TreeSet<>(known.keySet());
    gone.removeAll(present);
    Set<String> kept = gone.isEmpty() ? Set.of() : kept(store, gone, known, trusted, now);
    for (String id : gone) {
      if (!kept.contains(id)) {
        known.remove(id);
        changed = true;
      }
    }
    while (known.size() > KNOWN_MAX) {
      known.pollFirstEntry();
      changed = true;
    }
    return gone.stream().filter(kept::contains).toList();
  }

  /// What retention would keep if those that are gone were there.
  private static Set<String> kept(
      StoreConfig store,
      Set<String> gone,
      Map<String, Known> known,
      Map<String, Known> trusted,
      Instant now) {
    Map<String, Known> all = new HashMap<>(known);
    all.keySet().retainAll(gone);
    all.putAll(trusted);
    List<Item> items =
        all.entrySet().stream().map(each -> each.getValue().item(each.getKey())).toList();
    RetentionPlan plan =
        RetentionPlan.of(
            store.retention(), items, new RetentionPlan.Guards(now, ZoneOffset.UTC, true));
    return plan.decisions().stream()
        .filter(decision -> !decision.expires())
        .map(decision -> decision.item().id())
        .collect(Collectors.toSet());
  }

  private boolean save() {
    Path partial = file.resolveSibling(file.getFileName() + ".partial");
    try {
      Files.deleteIfExists(partial);
      try (FileChannel channel =
          FileChannel.open(partial, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(JSON.writeValueAsBytes(json()));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
      return true;
    } catch (IOException | JacksonException e) {
      logger.log(
          System.Logger.Level.WARNING,
          "event=known_backups_not_saved file=%s message=%s"
              .formatted(file, LogLines.quoted(String.valueOf(e.getMessage()))));
      return false;
    }
  }

  private ObjectNode json() {
    ObjectNode json = JSON.createObjectNode();
    json.put("type", TYPE);
    ObjectNode all = json.putObject("places");
    places.forEach(
        (place, known) -> {
          ArrayNode backups = all.putArray(place);
          known.forEach(
              (id, backup) ->
                  backups
                      .addArray()
                      .add(id)
                      .add(backup.takenAt().toString())
                      .add(backup.slot().map(Instant::toString).orElse(null)));
        });
    return json;
  }

  private static Map<String, NavigableMap<String, Known>> parse(JsonNode json) {
    if (!json.path("type").asString("").equals(TYPE)) {
      throw new IllegalArgumentException("it is no " + TYPE);
    }
    Map<String, NavigableMap<String, Known>> places = new HashMap<>();
    json.path("places")
        .properties()
        .forEach(
            place -> {
              NavigableMap<String, Known> known = new TreeMap<>();
              for (JsonNode backup : place.getValue()) {
                JsonNode slot = backup.path(2);
                known.put(
                    backup.path(0).asString(""),
                    new Known(
                        Instant.parse(backup.path(1).asString("")),
                        slot.isString()
                            ? Optional.of(Instant.parse(slot.stringValue()))
                            : Optional.empty()));
              }
              places.put(place.getKey(), known);
            });
    return places;
  }
}
