package dev.lifeboat.lab.alerts;

import java.time.Instant;
import tools.jackson.databind.JsonNode;

/// A service that takes JSON by POST.
interface Hook {
  /// Its path on the server.
  String path();

  /// What it answers when it takes a message.
  Reply take(JsonNode body, Instant at) throws Refusal;

  /// @param status of HTTP
  record Reply(int status, String type, String body, Message message) {}
}
