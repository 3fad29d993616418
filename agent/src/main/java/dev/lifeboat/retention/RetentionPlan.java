package dev.lifeboat.retention;

import dev.lifeboat.retention.Decision.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What becomes of every backup of one store, and whether that may be done.
///
/// @param decisions newest first
/// @param refusal present: nothing may be deleted now, whatever the decisions say
public record RetentionPlan(List<Decision> decisions, Optional<Refusal> refusal) {
  /*
   * Whatever the policy, these stay: the newest backup, the newest scheduled one (the schedule
   * reads from it that its slot was done), the newest that was verified, whatever is held, and
   * whatever cannot be counted on. The last is never deleted because nobody knows what it is, and
   * never counted because it might be nothing: ten forged manifests of today would push out ten
   * good backups.
   *
   * Planning again after the plan was carried out changes nothing. The newest backup of each period
   * speaks for it and is kept with it, and ages are seen from the newest backup, which is always
   * kept; so what is left gives the same answers.
   */
  /// Clocks of one cluster may disagree by this much.
  private static final Duration SKEW = Duration.ofMinutes(5);

  public RetentionPlan {
    decisions = List.copyOf(decisions);
  }

  /// What a plan is made under.
  ///
  /// @param zone in which days, weeks and months begin
  /// @param forceShare whether any share of the backups may go
  /// @param lockTime for how long the store locks what is put; empty when it locks nothing
  public record Guards(Instant now, ZoneId zone, boolean forceShare, Optional<Duration> lockTime) {
    /// Of a store that locks nothing.
    public Guards(Instant now, ZoneId zone, boolean forceShare) {
      this(now, zone, forceShare, Optional.empty());
    }
  }

  public static RetentionPlan of(RetentionPolicy policy, Collection<Item> items, Guards guards) {
    List<Item> counted =
        items.stream()
            .filter(Item::counts)
            .sorted(Comparator.comparing(Item::taken).thenComparing(Item::id).reversed())
            .toList();
    Reasons reasons = new Reasons();
    if (!policy.keepsEverything()) {
      keepAlways(counted, reasons);
    }
    policy.rules().forEach(rule -> apply(rule, counted, guards.zone(), reasons));
    List<Decision> decisions =
        items.stream()
            .sorted(Comparator.comparing(Item::id).reversed())
            .map(item -> decide(policy, item, reasons.of(item), guards.now()))
            .toList();
    Optional<Refusal> refusal = refusal(policy, counted, decisions, guards);
    // By a wrong clock a lock would be wrong for good.
    boolean right = refusal.filter(each -> each.reason() == Refusal.Reason.CLOCK).isEmpty();
    return guards.lockTime().isPresent() && right
        ? new RetentionPlan(
            locked(decisions, Promises.of(policy, counted, guards), guards), refusal)
        : new RetentionPlan(decisions, refusal);
  }

  /// What is promised is locked for as long; what has no end, always for half of the lock time.
  private static List<Decision> locked(List<Decision> decisions, Promises promises, Guards guards) {
    Instant now = guards.now();
    Duration time = guards.lockTime().orElseThrow();
    List<Decision> locked = new ArrayList<>();
    for (Decision decision : decisions) {
      Item item = decision.item();
      Instant until = item.lock().orElse(now);
      Optional<Instant> lockTo =
          promises.endless(item)
              ? Optional.of(now.plus(time)).filter(_ -> until.isBefore(now.plus(time.dividedBy(2))))
              : promises.keptUntil(item).filter(until::isBefore);
      locked.add(new Decision(item, decision.verdict(), decision.reasons(), lockTo));
    }
    return locked;
  }

  /// Why each backup stays, by its id.
  private static final class Reasons {
    private final Map<String, List<String>> byId = new HashMap<>();

    void add(Item item, String reason) {
      byId.computeIfAbsent(item.id(), _ -> new ArrayList<>()).add(reason);
    }

    List<String> of(Item item) {
      return byId.getOrDefault(item.id(), List.of());
    }
  }

  private static void keepAlways(List<Item> newestFirst, Reasons reasons) {
    if (newestFirst.isEmpty()) {
      return;
    }
    Item newest = newestFirst.getFirst();
    reasons.add(newest, newestFirst.size() == 1 ? "the only one" : "newest");
    newestFirst.stream()
        .filter(item -> item.slot().isPresent())
        .max(Comparator.comparing(item -> item.slot().orElseThrow()))
        .filter(item -> !item.equals(newest))
        .ifPresent(item -> reasons.add(item, "newest scheduled"));
    newestFirst.stream()
        .filter(item -> item.verifiedAt().isPresent())
        .findFirst()
        .ifPresent(item -> reasons.add(item, "last verified"));
  }

  private static void apply(Rule rule, List<Item> newestFirst, ZoneId zone, Reasons reasons) {
    Set<String> seen = new HashSet<>();
    for (Item item : newestFirst) {
      if (!seen.add(rule.period().of(item, item.taken().atZone(zone)))) {
        continue;
      }
      switch (rule) {
        case Rule.Count count -> {
          if (seen.size() <= count.most()) {
            reasons.add(item, count.reason(seen.size()));
          }
        }
        case Rule.Within within -> {
          if (item.taken().isAfter(newestFirst.getFirst().taken().minus(within.age()))) {
            reasons.add(item, within.text());
          }
        }
      }
    }
  }

  private static Decision decide(
      RetentionPolicy policy, Item item, List<String> byRule, Instant now) {
    List<String> reasons = new ArrayList<>(byRule);
    item.trouble().ifPresent(reasons::add);
    item.holds().stream().filter(hold -> hold.holds(now)).map(Hold::text).forEach(reasons::add);
    if (policy.keepsEverything()) {
      reasons.add("for ever: it has no retention");
    }
    return reasons.isEmpty()
        ? new Decision(
            item, Verdict.EXPIRE, List.of("not among " + policy.text()), Optional.empty())
        : new Decision(item, Verdict.KEEP, reasons, Optional.empty());
  }

  private static Optional<Refusal> refusal(
      RetentionPolicy policy, List<Item> newestFirst, List<Decision> decisions, Guards guards) {
    if (policy.keepsEverything() || newestFirst.isEmpty()) {
      return Optional.empty();
    }
    Item newest = newestFirst.getFirst();
    if (newest.taken().isAfter(guards.now().plus(SKEW))) {
      return Optional.of(
          new Refusal(
              Refusal.Reason.CLOCK,
              "backup %s was taken at %s, and this clock says %s"
                  .formatted(newest.id(), newest.taken(), guards.now()),
              "set the clock right; if it was wrong then, move the objects of that backup away"));
    }
    long expired = decisions.stream().filter(Decision::expires).count();
    if (!guards.forceShare()
        && expired * 100 > (long) policy.maxSharePercent() * newestFirst.size()) {
      return Optional.of(
          new Refusal(
              Refusal.Reason.SHARE,
              "%d of %d backups would go, more than %d %%"
                  .formatted(expired, newestFirst.size(), policy.maxSharePercent()),
              "look at the plan; if it is meant: lifeboat expire --force-share"));
    }
    return Optional.empty();
  }

  /// The backups to delete, the oldest first; none when the plan was refused.
  public List<Item> toDelete() {
    return refusal.isPresent() ? List.of() : expiring();
  }

  /// What shall be locked for longer than it is, refused or not.
  public List<Decision> toLock() {
    return decisions.stream().filter(decision -> decision.lockTo().isPresent()).toList();
  }

  /// The backups that the policy no longer keeps, the oldest first, refused or not.
  public List<Item> expiring() {
    // Not by id: those of one second have ids in no order.
    return decisions.stream()
        .filter(Decision::expires)
        .map(Decision::item)
        .sorted(Comparator.comparing(Item::taken).thenComparing(Item::id))
        .toList();
  }

  /// All of them by the backup's id, for those who ask for many.
  public Map<String, Decision> byId() {
    Map<String, Decision> byId = new HashMap<>();
    decisions.forEach(decision -> byId.putIfAbsent(decision.item().id(), decision));
    return byId;
  }

  /// The decision on one backup.
  public Optional<Decision> decision(String id) {
    return decisions.stream().filter(decision -> decision.item().id().equals(id)).findFirst();
  }
}
