package dev.lifeboat.retention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.retention.RetentionPlan.Guards;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Policies at work for years, against what they say in plain words; and what must hold of any plan
/// over any history.
class RetentionOverYearsTest {
  private static final Instant FIRST = Instant.parse("2023-11-20T02:00:00Z");
  private static final int THREE_YEARS = 3 * 365 + 1;
  private static final int ROUNDS = 400;
  private static final long SEED = 20_261_122;

  private static final RetentionPolicy DAILY_AND_MONTHLY =
      policy(new Rule.Count(Period.DAILY, 30), new Rule.Count(Period.MONTHLY, 12));
  private static final RetentionPolicy BY_AGE =
      policy(
          new Rule.Within(Period.ALL, Duration.ofDays(90)),
          new Rule.Within(Period.MONTHLY, Duration.ofDays(365)));

  @Test
  void three_years_keep_the_last_30_days_and_the_last_day_of_each_of_12_months() {
    simulate(DAILY_AND_MONTHLY, 1, RetentionOverYearsTest::thirtyDaysAndTwelveMonths);
  }

  @Test
  void three_years_keep_90_days_and_the_last_day_of_each_month_of_a_year() {
    simulate(BY_AGE, 1, RetentionOverYearsTest::ninetyDaysAndAYear);
  }

  @Test
  void days_without_a_backup_do_not_count() {
    simulate(DAILY_AND_MONTHLY, 0.7, RetentionOverYearsTest::thirtyDaysAndTwelveMonths);
    simulate(BY_AGE, 0.7, RetentionOverYearsTest::ninetyDaysAndAYear);
  }

  private interface Oracle {
    /// Of all the backups that ever were.
    Set<LocalDate> kept(NavigableSet<LocalDate> all);
  }

  /// A backup a day, with a chance; expiry after each. Every day what is left is compared.
  private static void simulate(RetentionPolicy policy, double chance, Oracle oracle) {
    SplittableRandom random = new SplittableRandom(SEED);
    NavigableSet<LocalDate> all = new TreeSet<>();
    List<Item> stored = new ArrayList<>();
    for (int day = 0; day < THREE_YEARS; day++) {
      if (random.nextDouble() >= chance) {
        continue;
      }
      Instant now = FIRST.plus(Duration.ofDays(day));
      stored.add(Items.at(now));
      all.add(date(now));

      RetentionPlan plan = RetentionPlan.of(policy, stored, guards(now.plusSeconds(10)));
      stored.removeAll(plan.toDelete());

      assertEquals(Optional.empty(), plan.refusal());
      assertEquals(oracle.kept(all), dates(stored), "after the backup of " + now);
    }
    assertTrue(all.size() > 500 && stored.size() > 38, () -> all.size() + " " + stored.size());
  }

  private static Set<LocalDate> thirtyDaysAndTwelveMonths(NavigableSet<LocalDate> all) {
    return Stream.concat(
            all.descendingSet().stream().limit(30),
            lastOfEachMonth(all).descendingMap().values().stream().limit(12))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<LocalDate> ninetyDaysAndAYear(NavigableSet<LocalDate> all) {
    LocalDate today = all.last();
    Set<LocalDate> kept = new TreeSet<>(all.tailSet(today.minusDays(89)));
    lastOfEachMonth(all).values().stream()
        .filter(last -> last.isAfter(today.minusDays(365)))
        .forEach(kept::add);
    return kept;
  }

  private static NavigableMap<YearMonth, LocalDate> lastOfEachMonth(NavigableSet<LocalDate> all) {
    NavigableMap<YearMonth, LocalDate> last = new TreeMap<>();
    all.forEach(date -> last.put(YearMonth.from(date), date));
    return last;
  }

  @Test
  void no_plan_over_any_history_deletes_what_must_stay() {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int round = 0; round < ROUNDS; round++) {
      List<Item> items = history(random);
      RetentionPolicy policy = anyPolicy(random);
      Instant now = items.stream().map(Item::taken).max(Instant::compareTo).orElseThrow();
      String what = "round %d: %s".formatted(round, policy.text());

      RetentionPlan plan = RetentionPlan.of(policy, items, guards(now));
      Set<Item> gone = new HashSet<>(plan.toDelete());

      assertTrue(gone.stream().noneMatch(item -> item.taken().equals(now)), what);
      assertTrue(gone.stream().allMatch(item -> item.trouble().isEmpty()), what);
      assertTrue(gone.stream().allMatch(item -> item.holds().isEmpty()), what);
      items.stream()
          .filter(item -> item.counts() && item.verifiedAt().isPresent())
          .max((a, b) -> a.taken().compareTo(b.taken()))
          .ifPresent(verified -> assertTrue(!gone.contains(verified), what));
    }
  }

  @Test
  void carrying_a_plan_out_leaves_nothing_for_the_next() {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int round = 0; round < ROUNDS; round++) {
      List<Item> items = history(random);
      RetentionPolicy policy = anyPolicy(random);
      Guards guards = guards(Instant.parse("2099-01-01T00:00:00Z"));

      List<Item> left = new ArrayList<>(items);
      // A death half-way through is a plan carried out in part.
      List<Item> gone = RetentionPlan.of(policy, items, guards).toDelete();
      left.removeAll(gone.subList(0, gone.size() / 2));
      List<Item> rest = RetentionPlan.of(policy, left, guards).toDelete();
      assertEquals(gone.subList(gone.size() / 2, gone.size()), rest, policy.text());
      left.removeAll(rest);

      assertEquals(List.of(), RetentionPlan.of(policy, left, guards).toDelete(), policy.text());
    }
  }

  @Test
  void a_wider_policy_never_deletes_more() {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int round = 0; round < ROUNDS; round++) {
      List<Item> items = history(random);
      RetentionPolicy narrow = anyPolicy(random);
      Guards guards = guards(Instant.parse("2099-01-01T00:00:00Z"));

      List<Rule> wider = new ArrayList<>(narrow.rules().stream().map(Wider::than).toList());
      wider.addAll(anyPolicy(random).rules());
      Set<Item> more = new HashSet<>(RetentionPlan.of(narrow, items, guards).toDelete());

      assertTrue(
          more.containsAll(
              RetentionPlan.of(new RetentionPolicy(wider, 100), items, guards).toDelete()),
          narrow.text());
    }
  }

  private static final class Wider {
    static Rule than(Rule rule) {
      return switch (rule) {
        case Rule.Count count -> new Rule.Count(count.period(), count.most() + 1);
        case Rule.Within within -> new Rule.Within(within.period(), within.age().plusDays(3));
      };
    }
  }

  /// One that counts, and up to 119 of any kind at any time of three years.
  private static List<Item> history(SplittableRandom random) {
    Map<String, Item> items = new TreeMap<>();
    int size = random.nextInt(120);
    for (int i = 0; i <= size; i++) {
      Item item = Items.at(FIRST.plusSeconds(random.nextLong(THREE_YEARS * 86_400L)));
      int kind = i == 0 ? 9 : random.nextInt(10);
      items.put(
          item.id(),
          switch (kind) {
            case 0 -> Items.troubled(item, "not trusted: signed by nobody");
            case 1 -> Items.held(item, new Hold.BeingRead());
            case 2 -> Items.held(item, new Hold.Pinned(Optional.empty()));
            case 3, 4 -> Items.verified(item, item.taken().plusSeconds(60).toString());
            case 5 -> Items.byHand(item);
            default -> item;
          });
    }
    return List.copyOf(items.values());
  }

  private static RetentionPolicy anyPolicy(SplittableRandom random) {
    List<Rule> rules = new ArrayList<>();
    for (Period period : Period.values()) {
      if (random.nextInt(3) == 0) {
        rules.add(new Rule.Count(period, 1 + random.nextInt(20)));
      }
      if (random.nextInt(4) == 0) {
        rules.add(new Rule.Within(period, Duration.ofHours(1 + random.nextInt(10_000))));
      }
    }
    if (rules.isEmpty()) {
      rules.add(new Rule.Count(Period.ALL, 1));
    }
    return new RetentionPolicy(rules, 100);
  }

  private static RetentionPolicy policy(Rule... rules) {
    return new RetentionPolicy(List.of(rules), 50);
  }

  private static Guards guards(Instant now) {
    return new Guards(now, ZoneOffset.UTC, false);
  }

  private static Set<LocalDate> dates(List<Item> items) {
    return items.stream()
        .map(item -> date(item.taken()))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static LocalDate date(Instant instant) {
    return instant.atZone(ZoneOffset.UTC).toLocalDate();
  }
}
