package dev.lifeboat.restore;

import dev.lifeboat.journal.Course;
import dev.lifeboat.journal.Entry.Event;
import dev.lifeboat.journal.Journal;
import dev.lifeboat.journal.Step;
import dev.lifeboat.machine.Machine;
import dev.lifeboat.machine.MachineConfig;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/// What comes when the data is back: the nodes, each for itself, the proofs of all that are, and
/// whoever is to be told.
final class Rest {
  /// A proof of last week says nothing of tonight.
  static final Duration PROOF_COUNTS = Duration.ofMinutes(10);

  private static final Duration TELLING = Duration.ofMinutes(5);

  private final List<String> after;
  private final Journal journal;
  private final Course course;
  private final InstantSource clock;

  /// @param after the program that is told; empty for none
  Rest(List<String> after, Journal journal, Course course, InstantSource clock) {
    this.after = after;
    this.journal = journal;
    this.course = course;
    this.clock = clock;
  }

  private interface Walk {
    void go() throws InterruptedException;
  }

  interface StepsOf<T> {
    List<Step> of(T what);
  }

  /// @param first which is back; none where each comes back by itself
  /// @param others that are to come
  /// @param gone nodes that cannot come back now, and why
  record Back(List<Node> first, List<Node> others, Map<String, String> gone) {}

  Report finish(Back nodes, StepsOf<Node> joins, StepsOf<List<Node>> proofs, List<Step> last)
      throws InterruptedException {
    return finish(nodes, joins, proofs, List.of(), last);
  }

  /// @param serving what is done when most are proven, whatever becomes of the rest
  Report finish(
      Back nodes,
      StepsOf<Node> joins,
      StepsOf<List<Node>> proofs,
      List<Step> serving,
      List<Step> last)
      throws InterruptedException {
    List<Node> back = new ArrayList<>(nodes.first());
    Map<String, String> missing = new LinkedHashMap<>(nodes.gone());
    for (Node node : nodes.others()) {
      if (attempt(node, missing, () -> course.walk(joins.of(node)))) {
        back.add(node);
      }
    }
    if (back.isEmpty()) {
      throw RestoreException.failed(missing.values().iterator().next());
    }
    List<String> proven = new ArrayList<>();
    List<Step> steps = proofs.of(List.copyOf(back));
    for (int i = 0; i < steps.size(); i++) {
      List<Step> proof = List.of(steps.get(i));
      if (attempt(back.get(i), missing, () -> course.walkAgain(proof, PROOF_COUNTS))) {
        proven.add(back.get(i).id());
      }
    }
    int count = nodes.first().size() + nodes.others().size();
    if (proven.size() * 2 > count) {
      course.walk(serving);
    }
    if (proven.size() == count) {
      course.walk(last);
      tell(report(proven, missing));
      course.end();
    }
    return report(proven, missing);
  }

  private static boolean attempt(Node node, Map<String, String> missing, Walk walk)
      throws InterruptedException {
    try {
      walk.go();
      return true;
    } catch (RuntimeException e) {
      if (!ClusterRestore.isOfOneNode(e)) {
        throw e;
      }
      missing.put(node.id(), String.valueOf(e.getMessage()));
      return false;
    }
  }

  /// The load balancer, DNS, the team: whatever is configured.
  void tell(Report report) throws InterruptedException {
    if (after.isEmpty()) {
      return;
    }
    course.walk(
        List.of(
            new Act(
                "tell",
                "tell " + after.getFirst(),
                _ -> {
                  try (Machine here = new MachineConfig(Optional.empty(), List.of()).open()) {
                    var _ =
                        here.run(
                                after,
                                JsonMapper.shared().writeValueAsBytes(report.toJson()),
                                TELLING)
                            .require("restore.after");
                  }
                  return Map.of();
                })));
  }

  Report report(List<String> proven, Map<String, String> missing) {
    List<Report.Phase> phases =
        journal.entries().stream()
            .filter(entry -> entry.event() == Event.DONE)
            .map(
                entry ->
                    new Report.Phase(
                        entry.step(),
                        Double.parseDouble(entry.fact("seconds").orElse("0")),
                        entry.facts()))
            .toList();
    Instant begun = journal.head().at();
    return new Report(
        journal.run(), Duration.between(begun, clock.instant()), phases, proven, missing);
  }
}
