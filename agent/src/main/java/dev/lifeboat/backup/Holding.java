package dev.lifeboat.backup;

import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.retention.Hold;
import dev.lifeboat.retention.Item;
import dev.lifeboat.store.Store;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/// One backup as one store has it: a manifest, and what lies there under the id that it names.
///
/// @param object the name of the manifest
/// @param id empty when it cannot be told: a damaged manifest under the name of a slot, or a second
///   one for a backup that has one
/// @param objects everything of this id, with sizes
/// @param check what the newest trusted record of a verification says of this copy
record Holding(
    Store store,
    String object,
    Optional<BackupId> id,
    Map<String, Long> objects,
    SignedManifest manifest,
    Optional<Check> check) {

  /// Those with a manifest, the oldest first. Reads each manifest.
  ///
  /// @param wanted by the name of the manifest
  static List<Holding> readAll(Store store, TrustedSigners signers, Predicate<String> wanted) {
    return readAll(store, signers, wanted, new Memory());
  }

  /// The same; what the memory knows already is not read.
  static List<Holding> readAll(
      Store store, TrustedSigners signers, Predicate<String> wanted, Memory memory) {
    Map<BackupId, Map<String, Long>> objects = new TreeMap<>();
    List<Store.StoredObject> listed = store.list();
    memory.retain(store, listed);
    for (Store.StoredObject each : listed) {
      BackupId.ofObject(each.name())
          .ifPresent(
              id ->
                  objects.computeIfAbsent(id, _ -> new TreeMap<>()).put(each.name(), each.bytes()));
    }
    Map<String, SignedManifest> manifests =
        memory.all(
            store,
            listed.stream()
                .filter(each -> ManifestName.isManifest(each.name()) && wanted.test(each.name()))
                .toList(),
            SignedManifest.class,
            object -> SignedManifest.read(store, object, signers),
            manifest ->
                manifest
                    .trusted()
                    .map(memory::shared)
                    .map(shared -> new SignedManifest(Optional.of(shared), Optional.empty())));
    Set<String> named = new HashSet<>();
    manifests.values().forEach(each -> each.trusted().map(Manifest::id).ifPresent(named::add));
    Map<BackupId, Check> checks = Checks.newest(store, listed, signers, memory);
    List<Holding> holdings = new ArrayList<>();
    manifests.forEach(
        (object, manifest) -> {
          // Whoever cannot sign must not hide a backup by naming it a second time.
          Optional<BackupId> id =
              manifest
                  .id(object)
                  .filter(each -> manifest.trusted().isPresent() || named.add(each.text()));
          Map<String, Long> own =
              Objects.requireNonNullElse(id.map(objects::get).orElse(null), Map.of());
          Optional<Check> check = id.map(checks::get);
          holdings.add(new Holding(store, object, id, own, manifest, check));
        });
    holdings.sort(Comparator.comparing(Holding::key));
    return holdings;
  }

  /// The objects of each backup and their sizes, with a manifest or without; manifests of slots are
  /// not among them.
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

  /// The id; or, where it cannot be told, the name of the manifest.
  String key() {
    return id.map(BackupId::text).orElse(object);
  }

  /// For how many recipients the data key lies there.
  int keys() {
    return id.map(own -> (int) objects.keySet().stream().filter(own::isKey).count()).orElse(0);
  }

  /// As retention looks at it.
  ///
  /// @param newestSlots of the schedules whose newest backup stays
  Item item(TrustedSigners signers, Readers readers, Map<String, Instant> newestSlots) {
    Optional<Manifest> claimed = manifest.claimed();
    List<Hold> holds = new ArrayList<>();
    id.flatMap(each -> Pins.hold(store, each, objects.keySet(), signers)).ifPresent(holds::add);
    manifest
        .trusted()
        .flatMap(Manifest::schedule)
        .filter(name -> claimed.flatMap(Manifest::slot).equals(newest(newestSlots, name)))
        .ifPresent(name -> holds.add(new Hold.NewestOf(name)));
    if (readers.reads(key())) {
      holds.add(new Hold.BeingRead());
    }
    return new Item(
        key(),
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

  private static Optional<Instant> newest(Map<String, Instant> newestSlots, String schedule) {
    return Optional.ofNullable(newestSlots.get(schedule));
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
    BackupId backup = new BackupId(claimed.id());
    Long bytes = objects.get(backup.data());
    if (!Objects.equals(bytes, claimed.stored().bytes())) {
      return Optional.of(
          bytes == null
              ? "its data is missing"
              : "its data has %d bytes, not %d".formatted(bytes, claimed.stored().bytes()));
    }
    return objects.keySet().stream().anyMatch(backup::isKey)
        ? Optional.empty()
        : Optional.of("it has no key");
  }
}
