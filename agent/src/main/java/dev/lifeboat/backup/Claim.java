package dev.lifeboat.backup;

import dev.lifeboat.schedule.Slot;
import dev.lifeboat.store.ObjectKind;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// What a node says about a slot: that it is taking it, or that it no longer is.
///
/// Written as indented JSON, `type` first, then the signature line of
/// [dev.lifeboat.keys.SigningKey#sign], as the object `SCHEDULE-SLOT.NUMBER.claim`. A store never
/// overwrites, so of two nodes that say something at once only one gets the next number.
///
/// @param number from 1; the highest counts
/// @param node its name in the configuration
/// @param run the id of the backup
/// @param lease how long it holds from when it was stored, by the clock of the store
/// @param failures of this node at this slot so far
record Claim(
    String schedule,
    Instant slot,
    int number,
    State state,
    String node,
    String run,
    Duration lease,
    int failures) {
  static final int BYTES_MAX = 16 << 10;

  private static final String TYPE = "lifeboat-claim/1";
  private static final Pattern OBJECT =
      Pattern.compile("([a-z][a-z0-9-]{0,31}-\\d{8}T\\d{6}Z)\\.(\\d{1,9})\\.claim");
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  enum State {
    /// A run is going on.
    HELD,
    /// It ended without a backup, and the node will try again.
    RELEASED,
    /// It ended without a backup once too often: the others are to try.
    YIELDED;

    private String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// Where a name says that it is a claim.
  ///
  /// @param stem of the slot, as in the name of its manifest
  record Name(String stem, int number) {
    String object() {
      return ObjectKind.CLAIM.of(stem + "." + number);
    }

    /// The name of the manifest of the same slot.
    String manifest() {
      return ObjectKind.MANIFEST.of(stem);
    }

    static Name of(Slot slot, int number) {
      return new Name(ManifestName.stem(slot.schedule(), slot.at()), number);
    }

    static Optional<Name> parse(String object) {
      Matcher matcher = OBJECT.matcher(object);
      return matcher.matches()
          ? Optional.of(new Name(matcher.group(1), Integer.parseInt(matcher.group(2))))
          : Optional.empty();
    }
  }

  /// [IllegalArgumentException] says what is wrong.
  static Claim parse(byte[] content) {
    try {
      JsonNode json = JSON.readTree(content);
      if (!json.path("type").asString("").equals(TYPE)) {
        throw new IllegalArgumentException("its type is not '%s'".formatted(TYPE));
      }
      return new Claim(
          json.path("schedule").asString(""),
          Instant.parse(json.path("slot").asString("")),
          json.path("number").asInt(0),
          State.valueOf(json.path("state").asString("").toUpperCase(Locale.ROOT)),
          json.path("node").asString(""),
          json.path("run").asString(""),
          Duration.ofSeconds(json.path("lease_seconds").asInt(0)),
          json.path("failures").asInt(0));
    } catch (JacksonException e) {
      throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("'slot' is not an instant", e);
    }
  }

  /// Ends with a line end, as what is signed must.
  byte[] toJson() {
    var json =
        JSON.createObjectNode()
            .put("type", TYPE)
            .put("schedule", schedule)
            .put("slot", slot.toString())
            .put("number", number)
            .put("state", state.word())
            .put("node", node)
            .put("run", run)
            .put("lease_seconds", lease.toSeconds())
            .put("failures", failures);
    return (JSON.writeValueAsString(json) + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }
}
