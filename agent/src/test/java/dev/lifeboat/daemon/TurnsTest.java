package dev.lifeboat.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lifeboat.backup.Catalogue.Depth;
import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Check;
import dev.lifeboat.backup.MadeBackup;
import dev.lifeboat.backup.Manifest;
import dev.lifeboat.keys.SigningKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TurnsTest {
  private static final Instant SLOT = Instant.parse("2026-11-22T04:00:00Z");
  private static final SigningKey KEY = SigningKey.generate("node-1");

  /// Newest first, as the shelf has them.
  private final List<Entry> entries = new ArrayList<>();

  @Test
  void the_newest_comes_first_then_those_not_read_for_longest() {
    backup(17);
    backup(18);
    backup(19, check(day(21), Optional.empty()));
    backup(20);
    backup(21);

    assertEquals(List.of("21 near", "17 near", "18 near"), due(2));
    assertEquals(List.of("21 near", "17 near", "18 near", "20 near", "19 near"), due(9));
    assertEquals(List.of("21 near"), due(0));
  }

  @Test
  void the_newest_of_every_store_comes_before_the_others_of_any() {
    entries.add(entry(20, List.of("near", "far"), Map.of()));
    entries.addFirst(entry(21, List.of("near"), Map.of()));

    assertEquals(List.of("20 far", "21 near", "20 near"), due(1));
  }

  @Test
  void what_has_a_record_of_the_slot_was_done_at_it() {
    backup(19);
    backup(20, check(SLOT, Optional.of(SLOT)));
    backup(21, check(SLOT, Optional.of(SLOT)));

    assertEquals(List.of(), due(1));
    assertEquals(List.of("19 near"), due(2));
    assertEquals(List.of(), due(1, Set.of(new Turns.Done(id(19), "near"))));
  }

  @Test
  void a_slot_that_was_handled_is_not_repeated_for_a_newer_backup() {
    backup(20, check(SLOT, Optional.of(SLOT)));
    backup(23);

    assertEquals(List.of(), due(0));
  }

  @Test
  void a_record_of_the_week_before_or_by_hand_is_not_that_of_the_slot() {
    backup(20, check(day(15), Optional.of(day(15))));
    backup(21, check(day(21), Optional.empty()));

    assertEquals(List.of("21 near", "20 near"), due(1));
  }

  @Test
  void a_store_that_held_nothing_at_the_slot_has_nothing_due() {
    backup(23);

    assertEquals(List.of(), due(3));
  }

  @Test
  void what_is_not_trusted_has_no_turn() {
    Entry forged = entry(21, List.of("near"), Map.of());
    entries.add(
        new Entry(forged.id(), forged.manifests(), forged.manifest(), Optional.of("no"), Map.of()));

    assertEquals(List.of(), due(3));
  }

  private void backup(int day, Check... checks) {
    Map<String, Check> by = new HashMap<>();
    for (Check check : checks) {
      by.put("near", check);
    }
    entries.addFirst(entry(day, List.of("near"), by));
  }

  private static Entry entry(int day, List<String> stores, Map<String, Check> checks) {
    Manifest manifest = MadeBackup.at(day(day), KEY, List.of()).manifest();
    Map<String, String> manifests = new LinkedHashMap<>();
    stores.forEach(store -> manifests.put(store, id(day) + ".manifest"));
    return new Entry(id(day), manifests, Optional.of(manifest), Optional.empty(), checks);
  }

  static Check check(Instant at, Optional<Instant> slot) {
    return new Check(
        id(1), "near", at, Depth.ARCHIVE, List.of(), "by", Duration.ofSeconds(1), 1, slot);
  }

  private static Instant day(int day) {
    return Instant.parse("2026-11-%02dT02:00:00Z".formatted(day));
  }

  private static String id(int day) {
    return MadeBackup.id(day(day));
  }

  private List<String> due(int others) {
    return due(others, Set.of());
  }

  private List<String> due(int others, Set<Turns.Done> done) {
    return Turns.due(entries, SLOT, others, done).stream()
        .map(turn -> turn.entry().id().substring(6, 8) + " " + turn.store())
        .toList();
  }
}
