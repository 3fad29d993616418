package dev.lifeboat.route53;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What a name answers.
///
/// @param name without a dot at its end, in lower case
/// @param type `A`, `AAAA` or `CNAME`
/// @param values of a record of its own; none for an alias
/// @param ttl how long resolvers keep it; AWS decides that for an alias
public record RecordSet(
    String name, String type, List<String> values, Optional<Duration> ttl, Optional<Alias> alias) {
  public RecordSet {
    values = List.copyOf(values);
  }

  /// A name of AWS that answers instead, such as that of a load balancer.
  ///
  /// @param zone the hosted zone of that name, not of ours
  public record Alias(String zone, String name) {}

  /// Whether both answer the same; how long that is kept does not matter.
  public boolean answersLike(RecordSet other) {
    return values.stream().sorted().toList().equals(other.values.stream().sorted().toList())
        && alias.equals(other.alias);
  }

  /// `203.0.113.10, 203.0.113.11`
  public String answer() {
    return alias.map(each -> "alias of " + each.name()).orElse(String.join(", ", values));
  }

  /// All that is needed to put it back: `203.0.113.10, ttl 60 s`.
  public String words() {
    return alias
        .map(each -> "alias of %s in zone %s".formatted(each.name(), each.zone()))
        .orElseGet(
            () -> answer() + ttl.map(time -> ", ttl %d s".formatted(time.toSeconds())).orElse(""));
  }
}
