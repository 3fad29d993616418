package dev.lifeboat.daemon;

import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Check;
import dev.lifeboat.backup.Manifest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Whose turn it is to be verified, decided from the records in the stores alone.
///
/// Each slot of the schedule reads the newest backup of each store and some others, those first
/// that were not read for longest. A copy whose record names the slot was done at it. A store with
/// no backup older than the slot had nothing to verify then, so an agent that was just set up does
/// not begin with a slot of last week.
final class Turns {
  private Turns() {}

  /// One backup in one store.
  record Turn(Entry entry, String store) {
    private Manifest manifest() {
      return entry.manifest().orElseThrow();
    }

    private Optional<Check> check() {
      return Optional.ofNullable(entry.checks().get(store));
    }

    /// A manifest is written only after its data was read back.
    private Instant lastRead() {
      return check().map(Check::at).orElse(manifest().takenAt());
    }

    /// What [#due] is told was done.
    Done done() {
      return new Done(entry.id(), store);
    }
  }

  /// A copy by its names.
  record Done(String backup, String store) {}

  /// The newest of every store comes before the others of any.
  ///
  /// @param others how many of each store besides the newest
  /// @param done by this process, even if its record could not be written
  static List<Turn> due(List<Entry> entries, Instant slot, int others, Set<Done> done) {
    List<Turn> newest = new ArrayList<>();
    List<Turn> rest = new ArrayList<>();
    entries.stream()
        .flatMap(entry -> entry.stores().stream())
        .distinct()
        .sorted()
        .forEach(store -> add(copies(entries, store), slot, others, done, newest, rest));
    newest.addAll(rest);
    return newest;
  }

  /// Trusted ones: of the others nothing can be proven.
  private static List<Turn> copies(List<Entry> entries, String store) {
    return entries.stream()
        .filter(entry -> entry.trouble().isEmpty() && entry.manifest().isPresent())
        .filter(entry -> entry.stores().contains(store))
        .map(entry -> new Turn(entry, store))
        .toList();
  }

  private static void add(
      List<Turn> copies,
      Instant slot,
      int others,
      Set<Done> done,
      List<Turn> newest,
      List<Turn> rest) {
    if (copies.stream().noneMatch(copy -> copy.manifest().takenAt().isBefore(slot))) {
      return;
    }
    List<Turn> left =
        new ArrayList<>(
            copies.stream()
                .filter(copy -> !done.contains(copy.done()))
                .filter(copy -> !copy.check().flatMap(Check::slot).equals(Optional.of(slot)))
                .sorted(Comparator.comparing(Turn::lastRead))
                .toList());
    int doneAlready = copies.size() - left.size();
    int wanted = Math.min(1 + others, copies.size()) - doneAlready;
    if (wanted > 0 && doneAlready == 0) {
      Turn first =
          left.stream().max(Comparator.comparing(copy -> copy.manifest().takenAt())).orElseThrow();
      newest.add(first);
      left.remove(first);
      wanted--;
    }
    rest.addAll(left.subList(0, Math.max(0, Math.min(wanted, left.size()))));
  }
}
