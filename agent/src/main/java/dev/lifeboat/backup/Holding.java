package dev.lifeboat.backup;

import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.retention.Hold;
import dev.lifeboat.retention.Item;
import dev.lifeboat.store.Store;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/// One backup as one store has it.
///
/// @param objects everything of this id, with sizes
/// @param check what the newest trusted record of a verification says of this copy
record Holding(
    Store store,
    BackupId id,
    Map<String, Long> objects,
    SignedManifest manifest,
    Optional<Check> check) {
  /// Those with a manifest, the oldest first. Reads each manifest.
  static List<Holding> readAll(Store store, TrustedSigners signers, Predicate<BackupId> wanted) {
    List<Holding> holdings = new ArrayList<>();
    objects(store)
        .forEach(
            (id, objects) -> {
              if (objects.containsKey(id.manifest()) && wanted.test(id)) {
                SignedManifest manifest = SignedManifest.read(store, id, signers);
                Optional<Check> check = Checks.newest(store, id, objects.keySet(), signers);
                holdings.add(new Holding(store, id, objects, manifest, check));
              }
            });
    return holdings;
  }

  /// The objects of each backup and their sizes, with a manifest or without.
  static Map<BackupId, Map<String, Long>> objects(Store store) {
    Map<BackupId, Map<String, Long>> objects = new TreeMap<>();
    for (Store.StoredObject object : store.list()) {
      BackupId.ofObject(object.name())
          .ifPresent(
              id ->
                  objects
                      .computeIfAbsent(id, _ -> new TreeMap<>())
                      .put(object.name(), object.bytes()));
    }
    return objects;
  }

  /// As retention looks at it.
  Item item(TrustedSigners signers, Readers readers) {
    Optional<Manifest> claimed = manifest.claimed();
    List<Hold> holds = new ArrayList<>();
    Pins.hold(store, id, objects.keySet(), signers).ifPresent(holds::add);
    if (readers.reads(id.text())) {
      holds.add(new Hold.BeingRead());
    }
    return new Item(
        id.text(),
        claimed.map(Manifest::takenAt),
        claimed.flatMap(Manifest::slot),
        claimed.map(m -> m.stored().bytes()).orElse(0L),
        check.filter(Check::good).map(Check::at),
        manifest
            .trouble()
            .map(trouble -> "not trusted: " + trouble)
            .or(() -> claimed.flatMap(this::missing).map(what -> "not whole: " + what))
            .or(() -> check.filter(found -> !found.good()).map(Holding::wrong)),
        holds);
  }

  /// It must neither push out a good one nor be the one that is kept as the newest.
  private static String wrong(Check check) {
    return "verified %s: %s"
        .formatted(
            check.at().truncatedTo(ChronoUnit.SECONDS), check.findings().getFirst().message());
  }

  /// A manifest alone restores nothing: without its data or any key it must not push out a backup
  /// that does.
  private Optional<String> missing(Manifest claimed) {
    Long bytes = objects.get(id.data());
    if (!Objects.equals(bytes, claimed.stored().bytes())) {
      return Optional.of(
          bytes == null
              ? "its data is missing"
              : "its data has %d bytes, not %d".formatted(bytes, claimed.stored().bytes()));
    }
    return objects.keySet().stream().anyMatch(id::isKey)
        ? Optional.empty()
        : Optional.of("it has no key");
  }
}
