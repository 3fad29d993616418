package dev.lifeboat.backup;

import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.retention.Hold;
import dev.lifeboat.retention.Item;
import dev.lifeboat.store.Store;
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
record Holding(Store store, BackupId id, Map<String, Long> objects, SignedManifest manifest) {
  /// Those with a manifest, the oldest first. Reads each manifest.
  static List<Holding> readAll(Store store, TrustedSigners signers, Predicate<BackupId> wanted) {
    List<Holding> holdings = new ArrayList<>();
    objects(store)
        .forEach(
            (id, objects) -> {
              if (objects.containsKey(id.manifest()) && wanted.test(id)) {
                SignedManifest manifest = SignedManifest.read(store, id, signers);
                holdings.add(new Holding(store, id, objects, manifest));
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

  /// For how many recipients the data key lies there.
  int keys() {
    return (int) objects.keySet().stream().filter(id::isKey).count();
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
        // What was found good is not recorded in a store; the newest is kept in any case.
        Optional.empty(),
        manifest
            .trouble()
            .map(trouble -> "not trusted: " + trouble)
            .or(() -> claimed.flatMap(this::missing).map(what -> "not whole: " + what)),
        holds);
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
