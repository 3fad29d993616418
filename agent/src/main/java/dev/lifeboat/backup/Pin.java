package dev.lifeboat.backup;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Somebody's wish that a backup stays, as long as it says, whatever the retention of its store.
///
/// Written as indented JSON, `type` first, then the signature line of
/// [dev.lifeboat.keys.SigningKey#sign]; an object of its own, so that it can be changed and taken
/// away while the manifest stays as it was signed.
///
/// @param backup the id
/// @param at when it was pinned; of several pins the newest counts
/// @param until empty: until it is taken away
/// @param by who pinned it: user and node
public record Pin(String backup, Instant at, Optional<Instant> until, String by) {
  static final String TYPE = "lifeboat-pin/1";
  static final int BYTES_MAX = 16 << 10;

  private static final Pattern BY = Pattern.compile("[\\p{Graph} ]{1,200}");
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /// [IllegalArgumentException] says what is wrong.
  static Pin parse(byte[] content) {
    JsonNode json;
    try {
      json = JSON.readTree(content);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
    }
    String type = json.path("type").asString("");
    if (!type.equals(TYPE)) {
      throw new IllegalArgumentException("its type is '%s', expected '%s'".formatted(type, TYPE));
    }
    try {
      return new Pin(
          json.path("backup").asString(""),
          Instant.parse(json.path("at").asString("")),
          json.has("until")
              ? Optional.of(Instant.parse(json.path("until").asString("")))
              : Optional.empty(),
          json.path("by").asString(""));
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("'at' or 'until' is not an instant", e);
    }
  }

  /// Ends with a line end, as what is signed must.
  byte[] toJson() {
    ObjectNode json = JSON.createObjectNode();
    json.put("type", TYPE).put("backup", backup).put("at", at.toString());
    until.ifPresent(end -> json.put("until", end.toString()));
    json.put("by", BY.matcher(by).matches() ? by : "unknown");
    return (JSON.writeValueAsString(json) + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }
}
