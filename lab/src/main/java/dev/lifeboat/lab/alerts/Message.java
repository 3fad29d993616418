package dev.lifeboat.lab.alerts;

import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// What one of the services was told.
///
/// @param firing or resolved
/// @param alert its `alertname`
/// @param severity as the service was told it; empty where it is not told
/// @param nodes that are named as troubled; of a job's alert none
/// @param key what joins the messages of one trouble where a service has that, else empty
/// @param text all of it that a person reads
public record Message(
    Service service,
    Instant at,
    boolean firing,
    String alert,
    String severity,
    Set<String> nodes,
    String key,
    String text) {
  private static final Pattern NODE = Pattern.compile("\\bnode-\\d+\\b");

  /// Who is told.
  public enum Service {
    MAIL,
    CHAT,
    PAGER,
    SWITCH
  }

  public Message {
    nodes = Set.copyOf(nodes);
  }

  /// The names of nodes in a text.
  static Set<String> nodesIn(String text) {
    var nodes = new TreeSet<String>();
    NODE.matcher(text).results().forEach(found -> nodes.add(found.group()));
    return nodes;
  }

  @Override
  public String toString() {
    return "%s %s %s %s %s"
        .formatted(at, service, firing ? "firing" : "resolved", alert, new TreeSet<>(nodes));
  }
}
