package dev.lifeboat.notify;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// What this process counted of its deliveries, by target; outlives a reload.
public final class NotifyCounts {
  private final Map<String, Target> targets = new HashMap<>();

  /// Of one target.
  ///
  /// @param events that were to be told
  /// @param dropped events that never were, because others waited already
  public record Target(
      long events,
      Map<Delivery.Trouble, Long> failures,
      long dropped,
      Optional<Duration> lastDuration,
      Optional<Instant> lastSuccess) {
    static final Target NONE = new Target(0, Map.of(), 0, Optional.empty(), Optional.empty());

    public long failures(Delivery.Trouble trouble) {
      return failures.getOrDefault(trouble, 0L);
    }
  }

  synchronized void delivered(String target, Delivery delivery, Instant now) {
    Target before = of(target);
    Map<Delivery.Trouble, Long> failures = new EnumMap<>(Delivery.Trouble.class);
    failures.putAll(before.failures());
    delivery.trouble().ifPresent(trouble -> failures.merge(trouble, 1L, Long::sum));
    targets.put(
        target,
        new Target(
            before.events() + 1,
            failures,
            before.dropped(),
            Optional.of(delivery.took()),
            delivery.good() ? Optional.of(now) : before.lastSuccess()));
  }

  synchronized void dropped(String target, long events) {
    Target before = of(target);
    targets.put(
        target,
        new Target(
            before.events() + events,
            before.failures(),
            before.dropped() + events,
            before.lastDuration(),
            before.lastSuccess()));
  }

  public synchronized Target of(String target) {
    return targets.getOrDefault(target, Target.NONE);
  }
}
