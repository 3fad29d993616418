package dev.lifeboat.lab.alerts;

import dev.lifeboat.lab.alerts.Message.Service;
import java.time.Instant;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// A service that calls somebody when it has heard nothing; it takes Alertmanager's own webhook.
record DeadMansSwitch(String path) implements Hook {
  @Override
  public Reply take(JsonNode body, Instant at) throws Refusal {
    Refusal.unless(body.path("version").asString("").equals("4"), "not Alertmanager's webhook");
    Refusal.unless(body.path("status").asString("").equals("firing"), "it does not fire");
    Refusal.unless(body.path("truncatedAlerts").asInt(0) == 0, "alerts were left out");
    var alerts = body.path("alerts");
    Refusal.unless(alerts.size() == 1, alerts.size() + " alerts, not one");
    var labels = alerts.path(0).path("labels");
    var name = labels.path("alertname").asString("");
    Refusal.unless(!name.isEmpty(), "an alert without a name");
    return new Reply(
        200,
        "text/plain",
        "ok",
        new Message(
            Service.SWITCH,
            at,
            true,
            name,
            labels.path("severity").asString(""),
            Set.of(),
            body.path("groupKey").asString(""),
            alerts.path(0).path("annotations").path("summary").asString("")));
  }
}
