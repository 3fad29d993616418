package dev.lifeboat.keys;

import dev.lifeboat.keys.KeyException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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
/// One that AWS KMS wrapped says so, and with what it was bound:
///
/// ```
///  …,"by":"aws-kms","key":"arn:aws:kms:…",
///  "context":{"lifeboat-backup":"ID","lifeboat-cluster":"ID"}}
/// ```
///
/// @param recipient id of the [RecipientKey]; that of a key of KMS is made of its ARN alike
/// @param comment that key's, so that a person knows which private file to fetch
/// @param wrapped Base64 of what [RecipientKey#wrap] answered, or KMS
/// @param kms empty for a [RecipientKey]
public record WrappedKey(
    String backup, String recipient, String comment, String wrapped, Optional<Kms> kms) {
  public static final String TYPE = "lifeboat-wrapped-key/1";

  private static final int JSON_BYTES_MAX = 16 << 10;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /// How KMS wrapped it.
  ///
  /// @param key the ARN of the key that did, whatever alias it was asked by
  /// @param context the encryption context, without which KMS does not open it
  public record Kms(String key, Map<String, String> context) {
    static final String BY = "aws-kms";

    public Kms {
      context = Collections.unmodifiableMap(new TreeMap<>(context));
    }
  }

  public WrappedKey {
    var _ = KeyLine.decodeCanonical(wrapped);
    if (kms.isPresent() && !recipient.equals(kmsId(kms.get().key()))) {
      throw new IllegalArgumentException("the id " + recipient + " is not that of its KMS key");
    }
  }

  /// One for a [RecipientKey].
  public WrappedKey(String backup, String recipient, String comment, String wrapped) {
    this(backup, recipient, comment, wrapped, Optional.empty());
  }

  /// What KMS answered.
  public static WrappedKey ofKms(String backup, String comment, byte[] wrapped, Kms kms) {
    return new WrappedKey(
        backup, kmsId(kms.key()), comment, KeyLine.encode(wrapped), Optional.of(kms));
  }

  private static String kmsId(String arn) {
    return KeyLine.id(arn.getBytes(StandardCharsets.UTF_8));
  }

  /// What was wrapped, as it is given to the one who opens it.
  public byte[] wrappedBytes() {
    return KeyLine.decodeCanonical(wrapped);
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
    return identity.unwrap(wrappedBytes(), backupId);
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
          text(node, "wrapped"),
          kms(node));
    } catch (IllegalArgumentException e) {
      throw bad("'wrapped' is not Base64, or 'recipient' is not the id of its key");
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
    kms.ifPresent(
        by -> {
          node.put("by", Kms.BY).put("key", by.key());
          var context = node.putObject("context");
          by.context().forEach(context::put);
        });
    return (JSON.writeValueAsString(node) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static Optional<Kms> kms(JsonNode node) {
    if (!node.has("by")) {
      return Optional.empty();
    }
    String by = text(node, "by");
    if (!by.equals(Kms.BY)) {
      throw bad("it was wrapped by '%s', which this version does not know".formatted(by));
    }
    Map<String, String> context = new TreeMap<>();
    node.path("context")
        .properties()
        .forEach(pair -> context.put(pair.getKey(), pair.getValue().asString("")));
    return Optional.of(new Kms(text(node, "key"), context));
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
