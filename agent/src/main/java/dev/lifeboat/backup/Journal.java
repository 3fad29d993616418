package dev.lifeboat.backup;

import dev.lifeboat.schedule.Slot;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Everything of a backup but its data, before the first byte of it is stored: with the spool's
/// file another process can finish what this one began. Holds nothing that would not lie in a
/// store: the data key only as the recipients can open it.
///
/// @param slot that it is for
/// @param documents in the order in which they are stored: kit, keys, pin
/// @param manifest the signed one
record Journal(BackupId id, Optional<Slot> slot, List<Document> documents, Document manifest) {
  /// More than the largest kit, manifest and keys.
  static final int BYTES_MAX = 64 << 20;

  private static final String TYPE = "lifeboat-run/1";
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  Journal {
    documents = List.copyOf(documents);
  }

  /// One small object.
  record Document(String object, byte[] content) {}

  byte[] toJson() {
    ObjectNode json = JSON.createObjectNode();
    json.put("type", TYPE).put("id", id.text());
    slot.ifPresent(
        due ->
            json.putObject("slot")
                .put("schedule", due.schedule())
                .put("at", due.at().toString())
                .put("until", due.until().toString()));
    var list = json.putArray("documents");
    documents.forEach(document -> write(list.addObject(), document));
    write(json.putObject("manifest"), manifest);
    return JSON.writeValueAsBytes(json);
  }

  private static void write(ObjectNode json, Document document) {
    json.put("object", document.object())
        .put("content", Base64.getEncoder().encodeToString(document.content()));
  }

  /// [IllegalArgumentException] says what is wrong.
  static Journal parse(byte[] content) {
    try {
      JsonNode json = JSON.readTree(content);
      if (!json.path("type").asString("").equals(TYPE)) {
        throw new IllegalArgumentException("its type is not '%s'".formatted(TYPE));
      }
      List<Document> documents = new ArrayList<>();
      json.path("documents").forEach(each -> documents.add(document(each)));
      return new Journal(
          new BackupId(json.path("id").asString("")),
          json.has("slot") ? Optional.of(slot(json.path("slot"))) : Optional.empty(),
          documents,
          document(json.path("manifest")));
    } catch (JacksonException e) {
      throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("its slot is no instant", e);
    }
  }

  private static Slot slot(JsonNode json) {
    return new Slot(
        json.path("schedule").asString(""),
        Instant.parse(json.path("at").asString("")),
        Instant.parse(json.path("until").asString("")));
  }

  private static Document document(JsonNode json) {
    return new Document(
        json.path("object").asString(""),
        Base64.getDecoder().decode(json.path("content").asString("")));
  }
}
