package dev.lifeboat.keys;

import dev.lifeboat.keys.KeyException.Reason;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A backup's data key as one recipient can open it; stored beside the backup as the signed
/// document `BACKUP.RECIPIENT.key`, so that recipients can change without touching the manifest.
///
/// ```
/// {"type":"lifeboat-wrapped-key/1","backup":"20261122T020000Z-1f2e3d4c",
///  "recipient":"0123456789abcdef","comment":"escrow","wrapped":"BASE64"}
/// ```
///
/// @param recipient id of the [RecipientKey]
/// @param comment that key's, so that a person knows which private file to fetch
/// @param wrapped Base64 of what [RecipientKey#wrap] answered
public record WrappedKey(String backup, String recipient, String comment, String wrapped) {
  public static final String TYPE = "lifeboat-wrapped-key/1";

  private static final int JSON_BYTES_MAX = 16 << 10;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  public WrappedKey {
    var _ = KeyLine.decodeCanonical(wrapped);
  }

  /// Wraps `dataKey` for `recipient`.
  public static WrappedKey wrap(RecipientKey recipient, DataKey dataKey, String backupId) {
    return new WrappedKey(
        backupId,
        recipient.id(),
        recipient.comment(),
        KeyLine.encode(recipient.wrap(dataKey, backupId)));
  }

  /// @param backupId of the backup to open, from its manifest: a document of another backup fails
  public DataKey unwrap(RecipientIdentity identity, String backupId) {
    return identity.unwrap(KeyLine.decodeCanonical(wrapped), backupId);
  }

  /// The content of an opened document. Fields that it does not know are ignored.
  public static WrappedKey parse(byte[] json) {
    if (json.length > JSON_BYTES_MAX) {
      throw bad("it has %d bytes, at most %d".formatted(json.length, JSON_BYTES_MAX));
    }
    JsonNode node;
    try {
      node = JSON.readTree(json);
    } catch (JacksonException e) {
      throw bad("it is not JSON: " + e.getOriginalMessage());
    }
    String type = text(node, "type");
    if (!type.equals(TYPE)) {
      throw bad("its type is '%s', expected '%s'".formatted(type, TYPE));
    }
    try {
      return new WrappedKey(
          text(node, "backup"),
          text(node, "recipient"),
          text(node, "comment"),
          text(node, "wrapped"));
    } catch (IllegalArgumentException e) {
      throw bad("'wrapped' is not Base64");
    }
  }

  /// Ends with a line end, as the content of a signed document must.
  public byte[] toJson() {
    var node = JSON.createObjectNode();
    node.put("type", TYPE);
    node.put("backup", backup);
    node.put("recipient", recipient);
    node.put("comment", comment);
    node.put("wrapped", wrapped);
    return (JSON.writeValueAsString(node) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static String text(JsonNode node, String field) {
    JsonNode value = node.get(field);
    if (value == null || !value.isString()) {
      throw bad("'" + field + "' is missing, or is not text");
    }
    return value.stringValue();
  }

  private static KeyException bad(String what) {
    return new KeyException(Reason.BAD_DOCUMENT, "not a wrapped data key: " + what);
  }
}
