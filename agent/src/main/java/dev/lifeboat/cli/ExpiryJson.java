package dev.lifeboat.cli;

import dev.lifeboat.retention.Decision;
import dev.lifeboat.retention.Item;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What `expire --json` prints of one store; its names are an interface.
final class ExpiryJson {
  private ExpiryJson() {}

  static ObjectNode of(ExpireCommand.Result result, boolean dryRun) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("store", result.store().name());
    json.put("retention", result.store().retention().text());
    json.put("dry_run", dryRun);
    json.put("trouble", result.failure().map(Failure::text).orElse(null));
    json.putNull("refused");
    ArrayNode plan = json.putArray("plan");
    result
        .plan()
        .ifPresent(
            made -> {
              made.decisions().forEach(decision -> write(plan.addObject(), decision));
              made.refusal()
                  .ifPresent(
                      refusal ->
                          json.putObject("refused")
                              .put("reason", refusal.reason().label())
                              .put("message", refusal.message())
                              .put("hint", refusal.hint()));
            });
    ObjectNode locked = json.putObject("locked");
    result.expired().locked().forEach((id, until) -> locked.put(id, until.toString()));
    ObjectNode unlocked = json.putObject("unlocked");
    result.expired().unlocked().forEach(unlocked::put);
    ArrayNode deleted = json.putArray("deleted");
    result.expired().deleted().forEach(deleted::add);
    ObjectNode failed = json.putObject("failed");
    result.expired().failed().forEach(failed::put);
    json.put("broken_off", result.expired().brokenOff().orElse(null));
    return json;
  }

  static void write(ObjectNode json, Decision decision) {
    Item item = decision.item();
    json.put("id", item.id());
    json.put("taken_at", item.takenAt().map(Object::toString).orElse(null));
    json.put("stored_bytes", item.storedBytes());
    json.put("verdict", decision.verdict().name().toLowerCase(Locale.ROOT));
    ArrayNode reasons = json.putArray("reasons");
    decision.reasons().forEach(reasons::add);
    json.put("extend_lock_to", decision.lockTo().map(Object::toString).orElse(null));
  }
}
