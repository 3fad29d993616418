package dev.lifeboat.cli;

import dev.lifeboat.archive.SnapshotFacts;
import dev.lifeboat.backup.Catalogue;
import dev.lifeboat.backup.Catalogue.Finding;
import dev.lifeboat.backup.Check;
import dev.lifeboat.backup.KeyCheck;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What `--json` prints: field by field, for these names are an interface.
final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private Json() {}

  static String text(JsonNode value) {
    return MAPPER.writeValueAsString(value) + "\n";
  }

  static String text(List<ObjectNode> values) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    values.forEach(array::add);
    return text(array);
  }

  static ObjectNode entry(Catalogue.Entry entry) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("id", entry.id());
    ArrayNode stores = object.putArray("stores");
    entry.stores().forEach(stores::add);
    object.put("trusted", entry.trouble().isEmpty());
    object.put("trouble", entry.trouble().orElse(null));
    object.set(
        "manifest",
        entry
            .manifest()
            .map(manifest -> MAPPER.readTree(manifest.toJson()))
            .orElse(JsonNodeFactory.instance.nullNode()));
    ObjectNode checks = object.putObject("verified");
    entry.checks().forEach((store, check) -> checks.set(store, check(check)));
    return object;
  }

  static ObjectNode verification(Catalogue.Verification verification, List<String> recorded) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("id", verification.id());
    object.put("good", verification.good());
    object.put("depth", verification.depth().label());
    object.put("bytes_read", verification.bytesRead());
    object.put("at", verification.at().toString());
    ArrayNode findings = object.putArray("findings");
    for (Finding finding : verification.findings()) {
      findings
          .addObject()
          .put("store", finding.store())
          .put("object", finding.object())
          .put("message", finding.message());
    }
    recorded.forEach(object.putArray("recorded")::add);
    return object;
  }

  private static ObjectNode check(Check check) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("at", check.at().toString());
    object.put("good", check.good());
    object.put("depth", check.depth().label());
    object.put("by", check.by());
    object.put("took_ms", check.took().toMillis());
    object.put("bytes", check.bytes());
    object.put("slot", check.slot().map(Object::toString).orElse(null));
    ArrayNode findings = object.putArray("findings");
    for (Finding finding : check.findings()) {
      findings.addObject().put("object", finding.object()).put("message", finding.message());
    }
    return object;
  }

  static ObjectNode notOpened(String id, String why) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("id", id);
    object.putNull("good");
    object.put("depth", "none");
    object.put("trouble", why);
    return object;
  }

  static ObjectNode keyCheck(KeyCheck.Line line) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("store", line.store());
    object.put("backup", line.backup().orElse(null));
    object.put("recipients", line.keys());
    object.put("outcome", line.outcome().name().toLowerCase(Locale.ROOT));
    object.put("message", line.why());
    return object;
  }

  static ObjectNode facts(SnapshotFacts facts) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("raft_index", facts.raftIndex())
        .put("raft_term", facts.raftTerm())
        .put("raft_id", facts.raftId())
        .put("state_bytes", facts.stateBytes())
        .put("plain_bytes", facts.plainBytes())
        .put("plain_sha256", facts.plainSha256());
  }
}
