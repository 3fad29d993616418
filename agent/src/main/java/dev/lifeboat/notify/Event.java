package dev.lifeboat.notify;

import java.time.Instant;
import java.util.UUID;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Something that happened.
///
/// As JSON, one object:
///
/// ```
/// {"lifeboat_event": 1,           version of this shape; new fields do not change it
///  "id": "…",                     the same when a webhook is tried again
///  "event": "backup-failed",      an EventKind
///  "at": "2026-11-22T02:00:07Z",
///  "node": "vault-1",
///  "summary": "…",                one sentence
///  …}                             the details: `backup`, `failure`, `verification`
/// ```
///
/// No secret is in it, and nothing of the content of a backup.
///
/// @param details further fields
public record Event(
    EventKind kind, UUID id, Instant at, String node, String summary, ObjectNode details) {
  private static final int VERSION = 1;

  /// One that means nothing.
  public static Event test(UUID id, Instant at, String node) {
    return new Event(
        EventKind.TEST,
        id,
        at,
        node,
        "This is a test; nothing happened.",
        JsonNodeFactory.instance.objectNode());
  }

  /// One line of UTF-8, with the line end.
  byte[] json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("lifeboat_event", VERSION).put("id", id.toString()).put("event", kind.label());
    json.put("at", at.toString()).put("node", node).put("summary", summary);
    json.setAll(details);
    byte[] text = JsonMapper.shared().writeValueAsBytes(json);
    byte[] line = java.util.Arrays.copyOf(text, text.length + 1);
    line[text.length] = '\n';
    return line;
  }
}
