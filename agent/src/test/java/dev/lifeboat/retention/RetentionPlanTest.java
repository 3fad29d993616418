package dev.lifeboat.retention;

import static dev.lifeboat.retention.Items.at;
import static dev.lifeboat.retention.Items.byHand;
import static dev.lifeboat.retention.Items.daily;
import static dev.lifeboat.retention.Items.held;
import static dev.lifeboat.retention.Items.troubled;
import static dev.lifeboat.retention.Items.verified;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.golden.Golden;
import dev.lifeboat.retention.RetentionPlan.Guards;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Plans as text, each a file of `src/test/resources/dev/lifeboat/retention`.
class RetentionPlanTest {
  private static final Instant NOW = Instant.parse("2026-11-22T03:00:00Z");
  private static final RetentionPolicy DAILY_AND_MONTHLY =
      policy(new Rule.Count(Period.DAILY, 30), new Rule.Count(Period.MONTHLY, 12));
  private static final RetentionPolicy BY_AGE =
      policy(
          new Rule.Within(Period.ALL, Duration.ofDays(90)),
          new Rule.Within(Period.MONTHLY, Duration.ofDays(365)));
  private static final RetentionPolicy LAST_TWO = policy(new Rule.Count(Period.ALL, 2));

  @Test
  void thirty_daily_and_twelve_monthly() {
    assertPlan(
        "30-daily-12-monthly", forced(DAILY_AND_MONTHLY, daily("2025-09-01T02:00:00Z", 448)));
  }

  @Test
  void ninety_days_and_a_year_of_monthly_ones() {
    assertPlan("90-days-1-year", forced(BY_AGE, daily("2025-09-01T02:00:00Z", 448)));
  }

  @Test
  void hourly_weekly_and_yearly_ones() {
    RetentionPolicy policy =
        policy(
            new Rule.Count(Period.HOURLY, 3),
            new Rule.Count(Period.WEEKLY, 3),
            new Rule.Count(Period.YEARLY, 2),
            new Rule.Within(Period.ALL, Duration.ofHours(2)),
            new Rule.Within(Period.DAILY, Duration.ofMinutes(36 * 60 + 30)));

    assertPlan(
        "hourly-weekly-yearly",
        forced(policy, Items.every(Duration.ofMinutes(407), "2025-12-25T00:00:00Z", 1173)));
  }

  @Test
  void what_is_held_or_cannot_be_counted_on_stays_and_takes_no_place() {
    Instant until = Instant.parse("2027-02-20T02:00:00.123Z");
    List<Item> items =
        List.of(
            held(at("2026-11-10T02:00:00Z"), new Hold.Pinned(Optional.of(until))),
            held(at("2026-11-11T02:00:00Z"), new Hold.Pinned(Optional.empty())),
            held(at("2026-11-12T02:00:00Z"), new Hold.Pinned(Optional.of(NOW))),
            held(at("2026-11-13T02:00:00Z"), new Hold.Locked(until)),
            held(at("2026-11-14T02:00:00Z"), new Hold.Locked(NOW)),
            held(at("2026-11-15T02:00:00Z"), new Hold.BeingRead()),
            held(at("2026-11-16T02:00:00Z"), new Hold.BadPin("signed by nobody")),
            verified(at("2026-11-17T02:00:00Z"), "2026-11-22T01:00:00Z"),
            verified(at("2026-11-18T02:00:00Z"), "2026-11-19T01:00:00Z"),
            at("2026-11-19T02:00:00Z"),
            byHand(at("2026-11-20T02:00:00Z")),
            byHand(at("2026-11-21T02:00:00Z")),
            troubled(at("2026-11-22T02:00:00Z"), "not trusted: signed by nobody"),
            new Item(
                "20261122T024500Z-00000009",
                Optional.empty(),
                Optional.empty(),
                0,
                Optional.empty(),
                Optional.of("not trusted: it is empty"),
                List.of()));

    assertPlan("holds", RetentionPlan.of(LAST_TWO, items, guards(NOW, false)));
  }

  @Test
  void without_a_rule_everything_stays() {
    RetentionPlan plan =
        RetentionPlan.of(
            RetentionPolicy.FOR_EVER, daily("2020-01-01T02:00:00Z", 3), guards(NOW, false));

    assertEquals(List.of(), plan.toDelete());
    assertEquals(
        "for ever: it has no retention",
        plan.decision("20200101T020000Z-00000001").orElseThrow().reason());
    assertEquals(Optional.empty(), plan.decision("20200109T020000Z-00000001"));
  }

  @Test
  void an_empty_store_has_an_empty_plan() {
    RetentionPlan plan = RetentionPlan.of(LAST_TWO, List.of(), guards(NOW, false));

    assertEquals(List.of(), plan.decisions());
    assertEquals(Optional.empty(), plan.refusal());
  }

  @Test
  void the_only_one_stays_however_old() {
    RetentionPolicy hours = policy(new Rule.Within(Period.ALL, Duration.ofHours(1)));

    RetentionPlan plan =
        RetentionPlan.of(hours, List.of(at("2010-01-01T00:00:00Z")), guards(NOW, true));

    assertEquals("the only one, within 1h", plan.decisions().getFirst().reason());
  }

  @Test
  void a_store_that_gets_no_more_backups_does_not_empty_itself() {
    List<Item> items = daily("2024-01-01T02:00:00Z", 80);

    assertEquals(List.of(), RetentionPlan.of(BY_AGE, items, guards(NOW, true)).toDelete());
  }

  @Test
  void a_backup_from_the_future_stops_everything_and_cannot_be_forced() {
    List<Item> items = new ArrayList<>(daily("2026-11-01T02:00:00Z", 20));
    items.add(at(NOW.plus(Duration.ofMinutes(5)).plusSeconds(1)));

    RetentionPlan plan = RetentionPlan.of(LAST_TWO, items, guards(NOW, true));

    assertEquals(
        "backup 20261122T030501Z-00000001 was taken at 2026-11-22T03:05:01Z, and this clock says"
            + " 2026-11-22T03:00:00Z",
        plan.refusal().orElseThrow().message());
    assertEquals("clock", plan.refusal().orElseThrow().reason().label());
    assertEquals(List.of(), plan.toDelete());
    assertEquals(19, plan.expiring().size());
  }

  @Test
  void clocks_may_disagree_by_minutes() {
    List<Item> items = List.of(at("2026-11-21T02:00:00Z"), at(NOW.plus(Duration.ofMinutes(5))));

    assertEquals(Optional.empty(), RetentionPlan.of(LAST_TWO, items, guards(NOW, false)).refusal());
  }

  @Test
  void more_than_the_set_share_goes_only_when_forced() {
    List<Item> items = daily("2026-11-01T02:00:00Z", 5);
    items.add(troubled(at("2026-11-06T02:00:00Z"), "not trusted: it is empty"));

    RetentionPlan plan = RetentionPlan.of(LAST_TWO, items, guards(NOW, false));

    assertEquals("3 of 5 backups would go, more than 50 %", plan.refusal().orElseThrow().message());
    assertEquals(List.of(), plan.toDelete());
    assertEquals(
        List.of(
            "20261101T020000Z-00000001", "20261102T020000Z-00000001", "20261103T020000Z-00000001"),
        ids(RetentionPlan.of(LAST_TWO, items, guards(NOW, true)).toDelete()));
    assertEquals(
        3,
        RetentionPlan.of(new RetentionPolicy(LAST_TWO.rules(), 60), items, guards(NOW, false))
            .toDelete()
            .size());
  }

  @Test
  void a_day_begins_where_the_zone_says() {
    List<Item> items =
        List.of(
            at("2026-11-19T22:30:00Z"),
            at("2026-11-19T23:30:00Z"),
            at("2026-11-20T22:30:00Z"),
            at("2026-11-21T22:30:00Z"));
    RetentionPolicy days = policy(new Rule.Count(Period.DAILY, 4));

    assertEquals(
        List.of("20261119T223000Z-00000001"),
        ids(RetentionPlan.of(days, items, guards(NOW, false)).toDelete()));
    assertEquals(
        List.of("20261119T233000Z-00000001"),
        ids(
            RetentionPlan.of(days, items, new Guards(NOW, ZoneId.of("Europe/Berlin"), false))
                .toDelete()));
  }

  @Test
  void an_impossible_rule_or_item_is_a_bug() {
    Item good = at("2026-11-19T22:30:00Z");

    assertThrows(IllegalArgumentException.class, () -> new Rule.Count(Period.ALL, 0));
    assertThrows(IllegalArgumentException.class, () -> new Rule.Within(Period.ALL, Duration.ZERO));
    assertThrows(IllegalArgumentException.class, () -> new RetentionPolicy(List.of(), 0));
    assertThrows(IllegalArgumentException.class, () -> new RetentionPolicy(List.of(), 101));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new Item(
                good.id(),
                Optional.empty(),
                Optional.empty(),
                0,
                Optional.empty(),
                Optional.empty(),
                List.of()));
    assertTrue(good.counts());
  }

  private static RetentionPolicy policy(Rule... rules) {
    return new RetentionPolicy(List.of(rules), 50);
  }

  private static RetentionPlan forced(RetentionPolicy policy, Collection<Item> items) {
    return RetentionPlan.of(policy, items, guards(NOW, true));
  }

  private static Guards guards(Instant now, boolean forceShare) {
    return new Guards(now, ZoneOffset.UTC, forceShare);
  }

  private static List<String> ids(List<Item> items) {
    return items.stream().map(Item::id).toList();
  }

  /// The kept ones a line each; a run of expired ones is one line.
  private static void assertPlan(String name, RetentionPlan plan) {
    StringBuilder text = new StringBuilder();
    List<Decision> gone = new ArrayList<>();
    for (Decision decision : plan.decisions()) {
      if (decision.expires()) {
        gone.add(decision);
        continue;
      }
      text.append(gone(gone));
      gone.clear();
      text.append("%s  keep    %s%n".formatted(decision.item().id(), decision.reason()));
    }
    text.append(gone(gone));
    Golden.assertMatches("agent", "dev/lifeboat/retention/" + name + ".txt", text.toString());
  }

  private static String gone(List<Decision> gone) {
    if (gone.isEmpty()) {
      return "";
    }
    String reasons =
        gone.stream().map(Decision::reason).distinct().collect(Collectors.joining(" | "));
    String more = gone.size() == 1 ? "" : " and %d before".formatted(gone.size() - 1);
    return "%s  expire  %s%s%n".formatted(gone.getFirst().item().id(), reasons, more);
  }
}
