package dev.lifeboat.archive;

import dev.lifeboat.archive.ArchiveException.Reason;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What we use of a snapshot's `meta.json`; its other fields (`Peers`, `Configuration`,
/// `ConfigurationIndex`) are left to the servers.
///
/// ```
/// {"Version":1,"ID":"bolt-snapshot","Index":37,"Term":3,"Peers":null,…,"Size":15725}
/// ```
record SnapshotMeta(int version, String id, long index, long term, long size) {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /// White space around the object is accepted, as the servers do.
  static SnapshotMeta parse(byte[] json) {
    JsonNode node;
    try {
      node = JSON.readTree(json);
    } catch (JacksonException e) {
      throw new ArchiveException(
          Reason.METADATA, "meta.json is not JSON: " + e.getOriginalMessage(), e);
    }
    if (node == null || !node.isObject()) {
      throw new ArchiveException(Reason.METADATA, "meta.json is not an object");
    }
    JsonNode id = node.get("ID");
    if (id == null || !id.isString() || id.stringValue().isEmpty()) {
      throw new ArchiveException(Reason.METADATA, "meta.json: ID is missing, or not text");
    }
    return new SnapshotMeta(
        (int) number(node, "Version", Integer.MAX_VALUE),
        id.stringValue(),
        number(node, "Index", Long.MAX_VALUE),
        number(node, "Term", Long.MAX_VALUE),
        number(node, "Size", Long.MAX_VALUE));
  }

  private static long number(JsonNode node, String field, long max) {
    JsonNode value = node.get(field);
    if (value == null
        || !value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < 0
        || value.longValue() > max) {
      throw new ArchiveException(
          Reason.METADATA,
          "meta.json: %s is missing, or not a whole number from 0 to %d".formatted(field, max));
    }
    return value.longValue();
  }
}
