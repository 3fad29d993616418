package dev.lifeboat.telemetry;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What of a node's telemetry is passed on, and how many samples are not, by the reason.
///
/// @param families in the order of the server's text
/// @param contradictions samples that say of a node what is not, or no longer, true of it
record Selection(List<Family> families, int notAllowed, int overLimit, int contradictions) {
  /// Ours, and what a Java program has too: two of one name would cost the whole page.
  static final List<String> RESERVED =
      List.of(
          "process_",
          "jvm_",
          "vault_node_",
          "vault_cluster_",
          "vault_backup_",
          "vault_replica_",
          "vault_exporter_",
          "vault_storage_postgresql_",
          "vault_storage_filesystem_",
          "vault_storage_database_",
          "vault_certificate_",
          "vault_probe_",
          "vault_objective_",
          "vault_notify_");

  /// Set by the active node alone and, on a former one, kept for the retention time: facts 5 and 6
  /// of go-metrics' Prometheus sink.
  private static final List<String> OF_THE_LEADER =
      List.of(
          "vault_autopilot_",
          "vault_raft_storage_follower_",
          "vault_raft_peers",
          "vault_raft_leader_",
          "vault_raft_replication_",
          "vault_token_count",
          "vault_identity_",
          "vault_secret_kv_count",
          "vault_expire_num_");

  private static final Pattern CLUSTER =
      Pattern.compile("([{,])cluster=\"((?:[^\"\\\\]|\\\\.)*)\"");

  /// @param text as the server wrote it
  /// @param active whether the node leads now
  /// @param clusterName as health told it last
  static Selection of(
      String text, TelemetryConfig config, boolean active, Optional<String> clusterName) {
    List<Family> kept = new ArrayList<>();
    int notAllowed = 0;
    int contradictions = 0;
    for (Family family : Family.parse(text)) {
      int size = family.samples().size();
      if (!allowed(family.name(), config.allow())) {
        notAllowed += size;
      } else if (!active && begins(family.name(), OF_THE_LEADER)) {
        contradictions += size;
      } else {
        Family single = family.with(withoutDoubles(family.samples(), clusterName));
        contradictions += size - single.samples().size();
        kept.add(single);
      }
    }
    int overLimit = cut(kept, config.seriesLimit());
    return new Selection(List.copyOf(kept), notAllowed, overLimit, contradictions);
  }

  int series() {
    return families.stream().mapToInt(family -> family.samples().size()).sum();
  }

  /// The value of the only sample with this name.
  Optional<String> value(String name) {
    return families.stream()
        .filter(family -> family.name().equals(name) && family.samples().size() == 1)
        .map(family -> family.samples().getFirst())
        .map(sample -> sample.substring(sample.lastIndexOf(' ') + 1))
        .findFirst();
  }

  private static boolean allowed(String name, List<String> patterns) {
    return !begins(name, RESERVED)
        && patterns.stream()
            .anyMatch(
                pattern ->
                    pattern.endsWith("*")
                        ? name.startsWith(pattern.substring(0, pattern.length() - 1))
                        : name.equals(pattern));
  }

  private static boolean begins(String name, List<String> prefixes) {
    return prefixes.stream().anyMatch(name::startsWith);
  }

  /// Until a node knows the name of its cluster it writes `cluster=""`, and those samples stay as
  /// they were beside the new ones (hashicorp/vault#11988). Of samples that differ in this label
  /// alone the one with the cluster's name stays.
  private static List<String> withoutDoubles(List<String> samples, Optional<String> clusterName) {
    if (samples.size() < 2) {
      return samples;
    }
    Map<String, String> best = new LinkedHashMap<>();
    Map<String, Integer> ranks = new LinkedHashMap<>();
    for (String sample : samples) {
      int value = sample.lastIndexOf(' ');
      Matcher label = CLUSTER.matcher(sample);
      boolean has = value > 0 && label.find() && label.end() <= value;
      String rest =
          has
              ? sample.substring(0, label.start())
                  + label.group(1)
                  + sample.substring(label.end(), value)
              : sample.substring(0, Math.max(value, 0));
      int rank = has ? rank(label.group(2), clusterName) : 0;
      if (!best.containsKey(rest) || rank > ranks.getOrDefault(rest, 0)) {
        best.put(rest, sample);
        ranks.put(rest, rank);
      }
    }
    return List.copyOf(best.values());
  }

  private static int rank(String label, Optional<String> clusterName) {
    return clusterName.isPresent() && clusterName.get().equals(label) ? 2 : label.isEmpty() ? 0 : 1;
  }

  /// The largest families go first: one that exploded must not cost all others.
  ///
  /// @return how many samples went
  private static int cut(List<Family> kept, int limit) {
    int series = kept.stream().mapToInt(family -> family.samples().size()).sum();
    int all = series;
    List<Family> bySize = new ArrayList<>(kept);
    bySize.sort(Comparator.comparingInt((Family family) -> family.samples().size()).reversed());
    Set<Family> gone = new HashSet<>();
    for (int i = 0; series > limit && i < bySize.size(); i++) {
      gone.add(bySize.get(i));
      series -= bySize.get(i).samples().size();
    }
    kept.removeAll(gone);
    return all - series;
  }
}
