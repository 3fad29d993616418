package dev.lifeboat.journal;

import dev.lifeboat.journal.Entry.Event;
import dev.lifeboat.journal.JournalException.Reason;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The lines of a journal as text.
final class Lines {
  /*
   *   {"number":3,"at":"2026-11-30T12:00:00Z","event":"done","step":"stop node-2",
   *    "facts":{…},"previous":"<hash of line 2>","hash":"<sha256 of all before this field>"}
   *
   * in one line. The hash is of the bytes as they stand, so that no reader has to know how the
   * writer orders or escapes.
   */
  private static final String START = "0".repeat(64);
  private static final String HASH = ",\"hash\":\"";
  private static final int TAIL = HASH.length() + 64 + 2;
  private static final JsonMapper JSON = JsonMapper.shared();

  private Lines() {}

  /// @param text with its line end
  record Line(String text, String hash) {}

  /// @param last hash of the last line
  /// @param bytes how long the whole lines are
  record Chain(List<Entry> entries, String last, long bytes) {
    static final Chain EMPTY = new Chain(List.of(), START, 0);
  }

  static Line line(Entry entry, String previous) {
    ObjectNode json = JSON.createObjectNode();
    json.put("number", entry.number()).put("at", entry.at().toString());
    json.put("event", entry.event().label()).put("step", entry.step());
    ObjectNode facts = json.putObject("facts");
    new TreeMap<>(entry.facts()).forEach(facts::put);
    json.put("previous", previous);
    String whole = JSON.writeValueAsString(json);
    String body = whole.substring(0, whole.length() - 1);
    String hash = sha256(body);
    return new Line(body + HASH + hash + "\"}\n", hash);
  }

  static Chain read(Path file, byte[] content) {
    List<Entry> entries = new ArrayList<>();
    String last = START;
    int begin = 0;
    for (int end = 0; end < content.length; end++) {
      if (content[end] != '\n') {
        continue;
      }
      String text = new String(content, begin, end - begin, StandardCharsets.UTF_8);
      last = add(entries, text, last, file);
      begin = end + 1;
    }
    return new Chain(entries, last, begin);
  }

  private static String add(List<Entry> entries, String text, String previous, Path file) {
    int number = entries.size() + 1;
    try {
      String body = text.substring(0, text.length() - TAIL);
      String hash = sha256(body);
      JsonNode json = JSON.readTree(text);
      if (!text.equals(body + HASH + hash + "\"}")
          || !json.path("previous").asString("").equals(previous)
          || json.path("number").asInt(0) != number) {
        throw changed(file, number);
      }
      Map<String, String> facts = new TreeMap<>();
      json.path("facts")
          .propertyStream()
          .forEach(f -> facts.put(f.getKey(), f.getValue().asString()));
      entries.add(
          new Entry(
              number,
              Instant.parse(json.path("at").asString("")),
              Event.valueOf(json.path("event").asString("").toUpperCase(Locale.ROOT)),
              json.path("step").asString(""),
              facts));
      return hash;
    } catch (JacksonException | DateTimeException | IllegalArgumentException e) {
      throw changed(file, number);
    } catch (IndexOutOfBoundsException shorter) {
      throw changed(file, number);
    }
  }

  private static JournalException changed(Path file, int number) {
    return new JournalException(
        Reason.CHANGED,
        "line %d of %s is not as it was written: what that run has done is not known"
                .formatted(number, file)
            + "\nhint: look at the nodes, move the file away, and begin anew");
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
