package dev.lifeboat.retention;

import dev.lifeboat.retention.RetentionPlan.Guards;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// How long a policy and pins keep each backup of a store at the least, whatever backups still
/// come.
final class Promises {
  /*
   * What is certain today. `within` counts from the newest backup, which is not from the future: so
   * an age is kept for that long at the least. `monthly 12` lets the third one go when ten further
   * months have a backup, and ten months take ten months: not before the first day of the tenth.
   * Both hold only for the backup that speaks for its period for good, once the period is over; in
   * the current one the next backup takes its place. `last 30` promises nothing: thirty backups by
   * hand can come in a day.
   */
  private final RetentionPolicy policy;
  private final Guards guards;
  private final Map<String, Instant> ends = new HashMap<>();

  private Promises(RetentionPolicy policy, Guards guards) {
    this.policy = policy;
    this.guards = guards;
  }

  /// @param newestFirst all that count
  static Promises of(RetentionPolicy policy, List<Item> newestFirst, Guards guards) {
    Promises promises = new Promises(policy, guards);
    policy.rules().forEach(rule -> promises.add(rule, newestFirst));
    return promises;
  }

  private void add(Rule rule, List<Item> newestFirst) {
    Period period = rule.period();
    Set<String> seen = new HashSet<>();
    for (Item item : newestFirst) {
      ZonedDateTime taken = item.taken().atZone(guards.zone());
      boolean over = period == Period.ALL || !end(period, item).toInstant().isAfter(guards.now());
      if (seen.add(period.of(item, taken)) && over) {
        end(rule, item, seen.size(), newestFirst.getFirst())
            .filter(end -> end.isAfter(guards.now()))
            .ifPresent(end -> ends.merge(item.id(), end, Promises::later));
      }
    }
  }

  /// @param number of its period, counted back from the newest
  private Optional<Instant> end(Rule rule, Item item, int number, Item newest) {
    return switch (rule) {
      case Rule.Within within ->
          Optional.of(item.taken().plus(within.age())).filter(newest.taken()::isBefore);
      case Rule.Count count -> {
        Period period = rule.period();
        if (period == Period.ALL || number > count.most()) {
          yield Optional.empty();
        }
        ZonedDateTime now = period.begin(guards.now().atZone(guards.zone()));
        ZonedDateTime next = end(period, newest);
        ZonedDateTime first = next.isAfter(now) ? next : now;
        yield Optional.of(period.later(first, count.most() - number).toInstant());
      }
    };
  }

  /// The end of the period that a backup is of.
  private ZonedDateTime end(Period period, Item item) {
    return period.later(period.begin(item.taken().atZone(guards.zone())), 1);
  }

  /// Whether it is kept until somebody unpins it, or gives the store another policy.
  boolean endless(Item item) {
    return item.counts()
        && (policy.keepsEverything() || pins(item).anyMatch(pin -> pin.until().isEmpty()));
  }

  /// When it may go at the earliest; empty when that is soon, or cannot be known.
  Optional<Instant> keptUntil(Item item) {
    return item.counts()
        ? Stream.concat(
                pins(item).flatMap(pin -> pin.until().stream()),
                Stream.ofNullable(ends.get(item.id())))
            .reduce(Promises::later)
        : Optional.empty();
  }

  private Stream<Hold.Pinned> pins(Item item) {
    return item.holds().stream()
        .filter(hold -> hold.holds(guards.now()))
        .filter(Hold.Pinned.class::isInstance)
        .map(Hold.Pinned.class::cast);
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }
}
