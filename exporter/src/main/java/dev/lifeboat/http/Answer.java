package dev.lifeboat.http;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/// A complete answer, ready to be sent.
///
/// @param headers beyond those that every answer has
record Answer(int status, String contentType, byte[] body, Map<String, String> headers) {
  static Answer of(int status, String contentType, byte[] body) {
    return new Answer(status, contentType, body, Map.of());
  }

  /// @param text with or without a line end
  static Answer text(int status, String text) {
    return of(
        status,
        "text/plain; charset=utf-8",
        (text.stripTrailing() + "\n").getBytes(StandardCharsets.UTF_8));
  }

  Answer with(String header, String value) {
    return new Answer(status, contentType, body, Map.of(header, value));
  }
}
