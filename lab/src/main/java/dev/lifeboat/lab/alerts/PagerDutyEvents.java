package dev.lifeboat.lab.alerts;

import dev.lifeboat.lab.alerts.Message.Service;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// PagerDuty's Events API v2, with one service's integration key.
final class PagerDutyEvents implements Hook {
  private static final int KEY_CHARS = 32;
  private static final int SUMMARY_CHARS_MAX = 1024;
  private static final int DEDUP_CHARS_MAX = 255;
  private static final int EVENT_BYTES_MAX = 512 << 10;
  private static final Set<String> SEVERITIES = Set.of("critical", "error", "warning", "info");

  /// As the shipped template begins its descriptions.
  private static final Pattern SUMMARY = Pattern.compile("(\\w+) \\S*: .*", Pattern.DOTALL);

  private final String routingKey;
  // By dedup_key, what is open: a resolve of anything else resolves nothing.
  private final ConcurrentHashMap<String, String> open = new ConcurrentHashMap<>();

  PagerDutyEvents(String routingKey) {
    if (routingKey.length() != KEY_CHARS) {
      throw new IllegalArgumentException("an integration key has " + KEY_CHARS + " characters");
    }
    this.routingKey = routingKey;
  }

  @Override
  public String path() {
    return "/v2/enqueue";
  }

  @Override
  public Reply take(JsonNode body, Instant at) throws Refusal {
    Refusal.unless(
        body.path("routing_key").asString("").equals(routingKey),
        "'routing_key' is missing or not that of a service");
    Refusal.unless(body.toString().length() <= EVENT_BYTES_MAX, "the event is too large");
    var key = body.path("dedup_key").asString("");
    Refusal.unless(key.length() <= DEDUP_CHARS_MAX, "'dedup_key' is too long");
    var message =
        switch (body.path("event_action").asString("")) {
          case "trigger" -> triggered(body.path("payload"), key, at);
          case "resolve" -> resolved(key, at);
          default -> throw new Refusal(400, "'event_action' is wrong (trigger, resolve)");
        };
    return new Reply(
        202,
        "application/json",
        JsonMapper.shared()
            .createObjectNode()
            .put("status", "success")
            .put("message", "Event processed")
            .put("dedup_key", key)
            .toString(),
        message);
  }

  private Message triggered(JsonNode payload, String key, Instant at) throws Refusal {
    var summary = payload.path("summary").asString("");
    Refusal.unless(
        !summary.isBlank() && summary.length() <= SUMMARY_CHARS_MAX,
        "'payload.summary' is missing or too long");
    Refusal.unless(!payload.path("source").asString("").isBlank(), "'payload.source' is missing");
    var severity = payload.path("severity").asString("");
    Refusal.unless(SEVERITIES.contains(severity), "'payload.severity' is invalid");
    var parts = SUMMARY.matcher(summary);
    Refusal.unless(parts.matches(), "the summary says nothing: " + summary);
    var details = payload.path("custom_details");
    var runbook = details.path("runbook").asString("");
    Refusal.unless(runbook.startsWith("docs/runbooks/"), "no runbook, but '" + runbook + "'");
    Refusal.unless(
        !(summary + details).contains("<no value>"), "something is not filled in: " + details);
    // PagerDuty makes up a key of its own when there is none, and nothing could be resolved by it.
    Refusal.unless(!key.isEmpty(), "'dedup_key' is missing");
    open.put(key, parts.group(1));
    return new Message(
        Service.PAGER,
        at,
        true,
        parts.group(1),
        severity,
        Message.nodesIn(details.path("firing").asString("")),
        key,
        summary);
  }

  private Message resolved(String key, Instant at) throws Refusal {
    var alert = open.remove(key);
    if (alert == null) {
      throw new Refusal(400, "'dedup_key' is that of no open incident");
    }
    return new Message(Service.PAGER, at, false, alert, "", Set.of(), key, "");
  }
}
