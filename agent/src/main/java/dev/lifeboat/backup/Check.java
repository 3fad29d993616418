package dev.lifeboat.backup;

import dev.lifeboat.backup.Catalogue.Copy;
import dev.lifeboat.backup.Catalogue.Depth;
import dev.lifeboat.backup.Catalogue.Finding;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What a verification found of one backup in one store, kept beside it as `ID.xxxxxxxx.check`.
///
/// Written as indented JSON, `type` first, then the signature line of
/// [dev.lifeboat.keys.SigningKey#sign]. It names the store, so that a good record copied from
/// elsewhere says nothing of the copy here.
///
/// @param backup the id
/// @param at when the verification began; of several records the newest counts
/// @param findings empty when all was well; at most twenty
/// @param by who verified: user and node, or the agent of a node
/// @param bytes how many of the data were read
/// @param slot the instant of `backup.verification` it was due at; empty for one by hand
public record Check(
    String backup,
    String store,
    Instant at,
    Depth depth,
    List<Finding> findings,
    String by,
    Duration took,
    long bytes,
    Optional<Instant> slot) {
  static final String TYPE = "lifeboat-check/1";
  static final int BYTES_MAX = 64 << 10;

  private static final int FINDINGS_MAX = 20;
  private static final int MESSAGE_CHARACTERS_MAX = 300;
  private static final Pattern BY = Pattern.compile("[\\p{Graph} ]{1,200}");
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  public Check {
    findings = List.copyOf(findings);
  }

  /// Of a copy whose verification came to an end.
  public static Check of(
      Catalogue.Verification verification, Copy copy, String by, Optional<Instant> slot) {
    if (!copy.finished()) {
      throw new IllegalStateException("no verdict of " + verification.id() + " to be recorded");
    }
    return new Check(
        verification.id(),
        copy.store(),
        verification.at(),
        copy.depth(),
        copy.findings(),
        by,
        copy.took(),
        copy.bytesRead(),
        slot);
  }

  public boolean good() {
    return findings.isEmpty();
  }

  /// `2026-11-22 archive`, `2026-11-22 stored bytes`, `WRONG 2026-11-22`; the day is that of UTC.
  public String words() {
    String day = at.atOffset(ZoneOffset.UTC).toLocalDate().toString();
    return good() ? day + " " + depth.label().replace('_', ' ') : "WRONG " + day;
  }

  /// [IllegalArgumentException] says what is wrong.
  static Check parse(byte[] content) {
    JsonNode json;
    try {
      json = JSON.readTree(content);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
    }
    return parse(json);
  }

  static Check parse(JsonNode json) {
    String type = json.path("type").asString("");
    if (!type.equals(TYPE)) {
      throw new IllegalArgumentException("its type is '%s', expected '%s'".formatted(type, TYPE));
    }
    String store = json.path("store").asString("");
    List<Finding> findings = findings(json.path("findings"), store);
    if (json.path("good").asBoolean(false) != findings.isEmpty()) {
      throw new IllegalArgumentException("'good' and its findings contradict each other");
    }
    try {
      return new Check(
          json.path("backup").asString(""),
          store,
          Instant.parse(json.path("at").asString("")),
          Depth.valueOf(json.path("depth").asString("").toUpperCase(Locale.ROOT)),
          findings,
          json.path("by").asString(""),
          Duration.ofMillis(json.path("took_ms").asLong(0)),
          json.path("bytes").asLong(0),
          json.has("slot")
              ? Optional.of(Instant.parse(json.path("slot").asString("")))
              : Optional.empty());
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("'at' or 'slot' is not an instant", e);
    }
  }

  private static List<Finding> findings(JsonNode array, String store) {
    List<Finding> findings = new ArrayList<>();
    for (JsonNode each : array) {
      findings.add(
          new Finding(
              store, each.path("object").asString(""), each.path("message").asString("wrong")));
    }
    return findings;
  }

  /// Ends with a line end, as what is signed must.
  byte[] toJson() {
    return (JSON.writeValueAsString(tree()) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  ObjectNode tree() {
    ObjectNode json = JSON.createObjectNode();
    json.put("type", TYPE).put("backup", backup).put("store", store);
    json.put("at", at.truncatedTo(ChronoUnit.MILLIS).toString());
    json.put("depth", depth.label()).put("good", good());
    ArrayNode array = json.putArray("findings");
    for (Finding finding : findings.subList(0, Math.min(FINDINGS_MAX, findings.size()))) {
      String message = finding.message();
      array
          .addObject()
          .put("object", finding.object())
          .put("message", message.substring(0, Math.min(MESSAGE_CHARACTERS_MAX, message.length())));
    }
    json.put("by", BY.matcher(by).matches() ? by : "unknown");
    json.put("took_ms", took.toMillis()).put("bytes", bytes);
    slot.ifPresent(due -> json.put("slot", due.toString()));
    return json;
  }
}
