package dev.lifeboat.retention;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Backups for plans, with ids as real ones have.
final class Items {
  private static final DateTimeFormatter SECOND =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private Items() {}

  static String id(Instant takenAt) {
    return SECOND.format(takenAt) + "-00000001";
  }

  /// By schedule.
  static Item at(String takenAt) {
    return at(Instant.parse(takenAt));
  }

  static Item at(Instant takenAt) {
    return new Item(
        id(takenAt),
        Optional.of(takenAt),
        Optional.of(takenAt),
        1000,
        Optional.empty(),
        Optional.empty(),
        List.of());
  }

  static Item byHand(Item item) {
    return new Item(
        item.id(),
        item.takenAt(),
        Optional.empty(),
        item.storedBytes(),
        item.verifiedAt(),
        item.trouble(),
        item.holds());
  }

  static Item held(Item item, Hold... holds) {
    return new Item(
        item.id(),
        item.takenAt(),
        item.slot(),
        item.storedBytes(),
        item.verifiedAt(),
        item.trouble(),
        List.of(holds));
  }

  static Item verified(Item item, String at) {
    return new Item(
        item.id(),
        item.takenAt(),
        item.slot(),
        item.storedBytes(),
        Optional.of(Instant.parse(at)),
        item.trouble(),
        item.holds());
  }

  static Item troubled(Item item, String trouble) {
    return new Item(
        item.id(),
        item.takenAt(),
        item.slot(),
        item.storedBytes(),
        item.verifiedAt(),
        Optional.of(trouble),
        item.holds());
  }

  static List<Item> every(Duration step, String first, int count) {
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      items.add(at(Instant.parse(first).plus(step.multipliedBy(i))));
    }
    return items;
  }

  static List<Item> daily(String first, int count) {
    return every(Duration.ofDays(1), first, count);
  }
}
