package dev.lifeboat.retention;

import static dev.lifeboat.retention.Items.at;
import static dev.lifeboat.retention.Items.daily;
import static dev.lifeboat.retention.Items.held;
import static dev.lifeboat.retention.Items.troubled;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.golden.Golden;
import dev.lifeboat.retention.RetentionPlan.Guards;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Until when a plan wants backups locked: plans as text, and that a promise is kept.
class PromisesTest {
  private static final Instant NOW = Instant.parse("2026-11-22T03:00:00Z");
  private static final Duration WEEK = Duration.ofDays(7);
  private static final RetentionPolicy EVERY_KIND =
      policy(
          new Rule.Count(Period.ALL, 3),
          new Rule.Count(Period.HOURLY, 5),
          new Rule.Count(Period.DAILY, 7),
          new Rule.Count(Period.WEEKLY, 4),
          new Rule.Count(Period.MONTHLY, 6),
          new Rule.Count(Period.YEARLY, 2),
          new Rule.Within(Period.ALL, Duration.ofDays(2)),
          new Rule.Within(Period.MONTHLY, Duration.ofDays(200)));

  @Test
  void thirty_daily_and_twelve_monthly() {
    assertLocks(
        "locks-30-daily-12-monthly",
        policy(new Rule.Count(Period.DAILY, 30), new Rule.Count(Period.MONTHLY, 12)),
        daily("2025-09-01T02:00:00Z", 448));
  }

  @Test
  void ninety_days_and_a_year_of_monthly_ones() {
    assertLocks(
        "locks-90-days-1-year",
        policy(
            new Rule.Within(Period.ALL, Duration.ofDays(90)),
            new Rule.Within(Period.MONTHLY, Duration.ofDays(365))),
        daily("2025-09-01T02:00:00Z", 448));
  }

  @Test
  void pins_locks_and_what_cannot_be_trusted() {
    Instant end = Instant.parse("2027-02-20T02:00:00Z");
    assertLocks(
        "locks-holds",
        policy(new Rule.Count(Period.ALL, 3)),
        List.of(
            held(at("2026-11-09T02:00:00Z"), new Hold.Pinned(Optional.of(end))),
            held(at("2026-11-10T02:00:00Z"), new Hold.Pinned(Optional.of(end))).lockedUntil(end),
            held(at("2026-11-11T02:00:00Z"), new Hold.Pinned(Optional.empty())),
            held(at("2026-11-12T02:00:00Z"), new Hold.Pinned(Optional.empty()))
                .lockedUntil(NOW.plus(Duration.ofDays(4))),
            held(at("2026-11-13T02:00:00Z"), new Hold.BadPin("signed by nobody")),
            at("2026-11-14T02:00:00Z").heldBy(new Hold.Locked(end)),
            at("2026-11-15T02:00:00Z").heldBy(new Hold.Locked(Instant.MAX)),
            troubled(
                held(at("2026-11-16T02:00:00Z"), new Hold.Pinned(Optional.empty())),
                "not trusted: signed by nobody"),
            at("2026-11-20T02:00:00Z"),
            at("2026-11-21T02:00:00Z"),
            at("2026-11-22T02:00:00Z")));
  }

  @Test
  void without_a_rule_everything_is_locked_step_by_step() {
    Item old = at("2020-01-01T02:00:00Z");

    assertEquals(Optional.of(NOW.plus(WEEK)), lockTo(RetentionPolicy.FOR_EVER, old));
    assertEquals(
        Optional.of(NOW.plus(WEEK)),
        lockTo(RetentionPolicy.FOR_EVER, old.lockedUntil(NOW.plus(Duration.ofDays(3)))));
    assertEquals(
        Optional.empty(),
        lockTo(RetentionPolicy.FOR_EVER, old.lockedUntil(NOW.plus(Duration.ofDays(4)))));
  }

  @Test
  void a_store_that_locks_nothing_and_a_wrong_clock_extend_nothing() {
    List<Item> items = daily("2026-11-01T02:00:00Z", 22);
    RetentionPolicy days = policy(new Rule.Count(Period.DAILY, 30));

    assertEquals(21, plan(days, items, NOW, Optional.of(WEEK)).toLock().size());
    assertEquals(List.of(), plan(days, items, NOW, Optional.empty()).toLock());
    Instant before = Instant.parse("2026-11-21T03:00:00Z");
    assertEquals(List.of(), plan(days, items, before, Optional.of(WEEK)).toLock());
  }

  /// Whatever comes: outages, backups by hand, an hour without one.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void nothing_goes_before_its_lock_ends(long seed) {
    Random random = new Random(seed);
    Map<String, Instant> locks = new HashMap<>();
    List<Item> stored = new ArrayList<>();
    Instant now = Instant.parse("2024-02-20T00:30:00Z");
    Instant end = now.plus(Duration.ofDays(800));
    int longest = 0;
    while (now.isBefore(end)) {
      int hours = random.nextInt(100) == 0 ? random.nextInt(2000) : random.nextInt(40);
      now = now.plus(Duration.ofHours(hours)).plusSeconds(1 + random.nextInt(3000));
      stored.add(at(now));

      RetentionPlan plan = plan(EVERY_KIND, stored, now, Optional.of(WEEK));
      for (Decision decision : plan.decisions()) {
        Item item = decision.item();
        Instant locked = locks.getOrDefault(item.id(), Instant.MIN);
        assertTrue(
            !decision.expires() || !now.isBefore(locked),
            item.id() + " goes at " + now + ", locked until " + locked);
        decision.lockTo().ifPresent(to -> locks.put(item.id(), to));
      }
      stored =
          plan.decisions().stream()
              .filter(decision -> !decision.expires())
              .map(Decision::item)
              .map(
                  item ->
                      locks.containsKey(item.id()) ? item.lockedUntil(locks.get(item.id())) : item)
              .collect(Collectors.toCollection(ArrayList::new));
      longest = Math.max(longest, stored.size());
    }
    assertTrue(longest > 10, "only " + longest + " backups at once");
  }

  private static Optional<Instant> lockTo(RetentionPolicy policy, Item item) {
    return plan(policy, List.of(item), NOW, Optional.of(WEEK)).decisions().getFirst().lockTo();
  }

  private static RetentionPlan plan(
      RetentionPolicy policy, List<Item> items, Instant now, Optional<Duration> lockTime) {
    return RetentionPlan.of(policy, items, new Guards(now, ZoneOffset.UTC, true, lockTime));
  }

  private static RetentionPolicy policy(Rule... rules) {
    return new RetentionPolicy(List.of(rules), 50);
  }

  private static void assertLocks(String name, RetentionPolicy policy, List<Item> items) {
    String text =
        plan(policy, items, NOW, Optional.of(WEEK)).decisions().stream()
            .filter(decision -> !decision.expires())
            .map(decision -> "%s  keep    %s%n".formatted(decision.item().id(), decision.reason()))
            .collect(Collectors.joining());
    Golden.assertMatches("agent", "dev/lifeboat/retention/" + name + ".txt", text);
  }
}
