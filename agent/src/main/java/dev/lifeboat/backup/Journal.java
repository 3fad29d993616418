package dev.lifeboat.backup;

import dev.lifeboat.schedule.Slot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Everything of a backup but its data, before the first byte of it is stored: with the spool's
/// file another process can finish what this one began. Holds nothing that would not lie in a
/// store: the data key only as the recipients can open it.
///
/// @param slot that it is for
/// @param documents in the order in which they are stored: kit, keys, pin
/// @param manifest the signed one
record Journal(BackupId id, Optional<Slot> slot, List<Document> documents, Document manifest) {
  /*
   *   journal = header LF content*
   *
   * The header is JSON in one line: what it is for, and name and size of each document. Their bytes
   * follow as they are, in that order, the manifest's last: a kit has up to 16 MiB, and the heap of
   * an agent is small.
   */
  private static final String TYPE = "lifeboat-run/1";
  private static final int HEADER_MAX = 1 << 20;
  private static final JsonMapper JSON = JsonMapper.shared();

  /// More than the largest kit or manifest.
  static final int BYTES_MAX = 32 << 20;

  Journal {
    documents = List.copyOf(documents);
  }

  /// One small object.
  record Document(String object, byte[] content) {}

  void writeTo(OutputStream out) throws IOException {
    ObjectNode header = JSON.createObjectNode();
    header.put("type", TYPE).put("id", id.text());
    slot.ifPresent(
        due ->
            header
                .putObject("slot")
                .put("schedule", due.schedule())
                .put("at", due.at().toString())
                .put("until", due.until().toString()));
    List<Document> all = new ArrayList<>(documents);
    all.add(manifest);
    ArrayNode list = header.putArray("documents");
    all.forEach(
        each -> list.addObject().put("object", each.object()).put("bytes", each.content().length));
    out.write(JSON.writeValueAsBytes(header));
    out.write('\n');
    for (Document each : all) {
      out.write(each.content());
    }
  }

  /// [IllegalArgumentException] says what is wrong.
  static Journal read(InputStream in) throws IOException {
    try {
      JsonNode header = JSON.readTree(line(in));
      if (!header.path("type").asString("").equals(TYPE)) {
        throw new IllegalArgumentException("its type is not '%s'".formatted(TYPE));
      }
      List<Document> documents = new ArrayList<>();
      for (JsonNode each : header.path("documents")) {
        documents.add(document(each, in));
      }
      if (documents.isEmpty() || in.read() >= 0) {
        throw new IllegalArgumentException("it does not end where its header says");
      }
      Document manifest = documents.removeLast();
      return new Journal(
          new BackupId(header.path("id").asString("")),
          header.has("slot") ? Optional.of(slot(header.path("slot"))) : Optional.empty(),
          documents,
          manifest);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("no header: " + e.getOriginalMessage(), e);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("its slot is no instant", e);
    }
  }

  private static byte[] line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0 || line.size() == HEADER_MAX) {
        throw new IllegalArgumentException("it has no header");
      }
      line.write(b);
    }
    return line.toByteArray();
  }

  private static Document document(JsonNode json, InputStream in) throws IOException {
    int bytes = json.path("bytes").asInt(-1);
    if (bytes < 0 || bytes > BYTES_MAX) {
      throw new IllegalArgumentException("a document of %d bytes".formatted(bytes));
    }
    byte[] content = in.readNBytes(bytes);
    if (content.length != bytes) {
      throw new IllegalArgumentException("it was cut");
    }
    return new Document(json.path("object").asString(""), content);
  }

  private static Slot slot(JsonNode json) {
    return new Slot(
        json.path("schedule").asString(""),
        Instant.parse(json.path("at").asString("")),
        Instant.parse(json.path("until").asString("")));
  }
}
