package dev.lifeboat.objective;

import dev.lifeboat.config.Section;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// The `objectives` block: targets by scenario; `default` speaks for every scenario that is not
/// named.
public record Objectives(Map<Scenario, Targets> targets) {
  /// None.
  public static final Objectives NONE = new Objectives(Map.of());

  private static final String DEFAULT = "default";
  private static final Duration MIN = Duration.ofSeconds(1);
  private static final Duration MAX = Duration.ofDays(366);

  public Objectives {
    targets = targets.isEmpty() ? Map.of() : Collections.unmodifiableMap(new EnumMap<>(targets));
  }

  /// @param recoveryTime from the loss until requests are served again
  /// @param dataLoss how old the newest data may be that comes back
  public record Targets(Optional<Duration> recoveryTime, Optional<Duration> dataLoss) {
    Targets or(Targets other) {
      return new Targets(recoveryTime.or(other::recoveryTime), dataLoss.or(other::dataLoss));
    }
  }

  /// @param objectives the `objectives` block
  public static Objectives from(Section objectives) {
    Map<String, Scenario> byLabel =
        Arrays.stream(Scenario.values()).collect(Collectors.toMap(Scenario::label, each -> each));
    Targets common = new Targets(Optional.empty(), Optional.empty());
    Map<Scenario, Targets> named = new EnumMap<>(Scenario.class);
    for (String name : objectives.names("")) {
      Targets targets = read(objectives.section(name));
      Scenario scenario = byLabel.get(name);
      if (name.equals(DEFAULT)) {
        common = targets;
      } else if (scenario == null) {
        objectives.problem(
            name,
            "'%s' is no scenario".formatted(name),
            "default, or one of "
                + Arrays.stream(Scenario.values())
                    .map(Scenario::label)
                    .collect(Collectors.joining(", ")));
      } else {
        named.put(scenario, targets);
      }
    }
    if (objectives.names("").isEmpty()) {
      return NONE;
    }
    Map<Scenario, Targets> all = new EnumMap<>(Scenario.class);
    for (Scenario scenario : Scenario.values()) {
      Targets own = named.get(scenario);
      all.put(scenario, own == null ? common : own.or(common));
    }
    return new Objectives(all);
  }

  private static Targets read(Section block) {
    return new Targets(duration(block, "recovery-time"), duration(block, "data-loss"));
  }

  private static Optional<Duration> duration(Section block, String key) {
    return block.has(key) ? Optional.of(block.duration(key, MIN, MAX)) : Optional.empty();
  }

  /// One for each scenario that has a target of data loss.
  ///
  /// @param interval the longest time between two backups; empty without a schedule
  public List<Judgement> judge(Optional<Duration> interval, Places places) {
    List<Judgement> judgements = new ArrayList<>();
    targets.forEach(
        (scenario, target) ->
            target
                .dataLoss()
                .ifPresent(loss -> judgements.add(judge(scenario, loss, interval, places))));
    return judgements;
  }

  private static Judgement judge(
      Scenario scenario, Duration target, Optional<Duration> interval, Places places) {
    if (scenario == Scenario.SERVER_FAILURE && places.nodes() > 2) {
      return new Judgement(
          scenario, target, Optional.of(Duration.ZERO), "the other nodes have everything");
    }
    Optional<String> nothing = nothingLeft(scenario, places);
    if (nothing.isPresent()) {
      return new Judgement(scenario, target, Optional.empty(), nothing.get());
    }
    return interval
        .map(
            gap ->
                new Judgement(scenario, target, interval, "the longest time between two backups"))
        .orElseGet(() -> new Judgement(scenario, target, Optional.empty(), "there is no schedule"));
  }

  /// Why no backup may be left.
  private static Optional<String> nothingLeft(Scenario scenario, Places places) {
    return switch (scenario) {
      case CREDENTIAL_COMPROMISE -> Optional.empty();
      case SERVER_FAILURE, QUORUM_LOSS, CLUSTER_LOSS ->
          places.offMachine()
              ? Optional.empty()
              : Optional.of("every store is a folder of a node that may be lost");
      case REGION_FAILOVER ->
          places.twoRegions()
              ? Optional.empty()
              : Optional.of("no backup is in a second region: a store with replicate-from");
      case VPS_COMPROMISE ->
          places.locked()
              ? Optional.empty()
              : Optional.of("whoever is root on a node can delete every backup: object lock");
    };
  }
}
