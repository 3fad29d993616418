package dev.lifeboat.backup;

import dev.lifeboat.backup.Manifest.Cluster;
import dev.lifeboat.backup.Manifest.Content;
import dev.lifeboat.backup.Manifest.Counts;
import dev.lifeboat.backup.Manifest.Mount;
import dev.lifeboat.backup.Manifest.Peer;
import dev.lifeboat.backup.Manifest.Raft;
import dev.lifeboat.backup.Manifest.Recipient;
import dev.lifeboat.backup.Manifest.Seal;
import dev.lifeboat.canary.Canary;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A [Manifest] as text: two spaces of indent, `\n`, keys in a fixed order, what is not known left
/// out; and back.
final class ManifestJson {
  /*
   * Written field by field, not by reflection over the record: the text is signed and kept for
   * years, so its keys and their order are a format of their own and must not follow a rename in
   * the code.
   */
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final DefaultIndenter INDENT = new DefaultIndenter("  ", "\n");

  private ManifestJson() {}

  static byte[] write(Manifest manifest) {
    var printer = new DefaultPrettyPrinter().withObjectIndenter(INDENT).withArrayIndenter(INDENT);
    String text = JSON.writer().with(printer).writeValueAsString(tree(manifest));
    return (text + "\n").getBytes(StandardCharsets.UTF_8);
  }

  static ObjectNode tree(Manifest manifest) {
    ObjectNode json = JSON.createObjectNode();
    json.put("type", manifest.type());
    json.put("id", manifest.id());
    json.putObject("cluster")
        .put("id", manifest.cluster().id())
        .put("name", manifest.cluster().name())
        .put("product", manifest.cluster().product())
        .put("version", manifest.cluster().version());
    json.put("node", manifest.node());
    json.put("taken_from", manifest.takenFrom().toString());
    manifest.schedule().ifPresent(schedule -> json.put("schedule", schedule));
    manifest.slot().ifPresent(slot -> json.put("slot", slot.toString()));
    manifest.label().ifPresent(label -> json.put("label", label));
    json.put("started_at", manifest.startedAt().toString());
    json.put("taken_at", manifest.takenAt().toString());
    manifest
        .raft()
        .ifPresent(
            raft -> json.putObject("raft").put("index", raft.index()).put("term", raft.term()));
    writeContent(json.putObject("plain"), manifest.plain());
    writeContent(json.putObject("stored"), manifest.stored());
    manifest.kit().ifPresent(kit -> writeKit(json.putObject("kit"), kit));
    var recipients = json.putArray("recipients");
    for (Recipient recipient : manifest.recipients()) {
      recipients.addObject().put("id", recipient.id()).put("comment", recipient.comment());
    }
    writeSeal(json.putObject("seal"), manifest.seal());
    var peers = json.putArray("peers");
    manifest.peers().forEach(peer -> writePeer(peers.addObject(), peer));
    manifest.canary().ifPresent(canary -> writeCanary(json.putObject("canary"), canary));
    var mounts = json.putArray("mounts");
    manifest.mounts().forEach(m -> mounts.addObject().put("path", m.path()).put("type", m.type()));
    ObjectNode counts = json.putObject("counts");
    manifest.counts().policies().ifPresent(count -> counts.put("policies", count));
    manifest.counts().authMethods().ifPresent(count -> counts.put("auth_methods", count));
    manifest.counts().entities().ifPresent(count -> counts.put("entities", count));
    json.put("lifeboat_version", manifest.lifeboatVersion());
    return json;
  }

  private static void writeContent(ObjectNode json, Content content) {
    json.put("bytes", content.bytes()).put("sha256", content.sha256());
  }

  private static void writeKit(ObjectNode json, Manifest.Kit kit) {
    writeContent(json, kit.stored());
    json.put("files", kit.files()).put("unreadable", kit.unreadable());
  }

  private static void writeSeal(ObjectNode json, Seal seal) {
    json.put("type", seal.type()).put("storage_type", seal.storageType());
    json.put("shares", seal.shares()).put("threshold", seal.threshold());
    seal.keyId().ifPresent(id -> json.put("key_id", id));
    seal.keyEpoch().ifPresent(epoch -> json.put("key_epoch", epoch));
  }

  private static void writePeer(ObjectNode json, Peer peer) {
    json.put("id", peer.id()).put("cluster_address", peer.clusterAddress());
    peer.apiAddress().ifPresent(address -> json.put("api_address", address));
    json.put("voter", peer.voter());
  }

  private static void writeCanary(ObjectNode json, Canary.Written canary) {
    json.put("path", canary.path()).put("version", canary.version());
    json.put("value_sha256", canary.valueSha256());
    canary.transitKey().ifPresent(key -> json.put("transit_key", key));
    canary.ciphertext().ifPresent(ciphertext -> json.put("ciphertext", ciphertext));
  }

  static Manifest parse(byte[] bytes) {
    JsonNode tree;
    try {
      tree = JSON.readTree(bytes);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
    }
    return parse(tree);
  }

  static Manifest parse(JsonNode tree) {
    Block json = new Block("", tree);
    String type = json.text("type");
    if (!type.equals(Manifest.TYPE)) {
      throw new IllegalArgumentException(
          "its type is '%s', expected '%s'".formatted(type, Manifest.TYPE));
    }
    String id = json.text("id");
    if (!BackupId.isId(id)) {
      throw new IllegalArgumentException("'id' is not the id of a backup: '" + id + "'");
    }
    Block cluster = json.block("cluster");
    Block counts = json.block("counts");
    return new Manifest(
        type,
        id,
        new Cluster(
            cluster.text("id"),
            cluster.text("name"),
            cluster.text("product"),
            cluster.text("version")),
        json.text("node"),
        json.address("taken_from"),
        json.has("slot") ? Optional.of(json.instant("slot")) : Optional.empty(),
        json.instant("started_at"),
        json.instant("taken_at"),
        json.has("raft") ? Optional.of(raft(json.block("raft"))) : Optional.empty(),
        content(json.block("plain")),
        content(json.block("stored")),
        json.list("recipients", r -> new Recipient(r.text("id"), r.text("comment"))),
        seal(json.block("seal")),
        json.list("peers", ManifestJson::peer),
        json.has("canary") ? Optional.of(canary(json.block("canary"))) : Optional.empty(),
        json.list("mounts", m -> new Mount(m.text("path"), m.text("type"))),
        new Counts(
            counts.optionalInteger("policies"),
            counts.optionalInteger("auth_methods"),
            counts.optionalInteger("entities")),
        json.text("lifeboat_version"),
        json.optionalText("label"),
        json.optionalText("schedule"),
        json.has("kit") ? Optional.of(kit(json.block("kit"))) : Optional.empty());
  }

  private static Manifest.Kit kit(Block json) {
    return new Manifest.Kit(content(json), json.integer("files"), json.integer("unreadable"));
  }

  private static Raft raft(Block json) {
    return new Raft(json.number("index"), json.number("term"));
  }

  private static Content content(Block json) {
    return new Content(json.number("bytes"), json.text("sha256"));
  }

  private static Seal seal(Block json) {
    return new Seal(
        json.text("type"),
        json.text("storage_type"),
        json.integer("shares"),
        json.integer("threshold"),
        json.optionalText("key_id"),
        json.optionalInteger("key_epoch"));
  }

  private static Peer peer(Block json) {
    return new Peer(
        json.text("id"),
        json.text("cluster_address"),
        json.optionalText("api_address"),
        json.flag("voter"));
  }

  private static Canary.Written canary(Block json) {
    return new Canary.Written(
        json.text("path"),
        json.integer("version"),
        json.text("value_sha256"),
        json.optionalText("transit_key"),
        json.optionalText("ciphertext"));
  }

  /// One JSON object and where it stands, for messages that name the field.
  private record Block(String where, JsonNode node) {
    Block {
      if (!node.isObject()) {
        throw new IllegalArgumentException(
            where.isEmpty() ? "not a JSON object" : "'" + where + "' is not an object");
      }
    }

    boolean has(String key) {
      return node.has(key);
    }

    Block block(String key) {
      return new Block(path(key), value(key, "an object", JsonNode::isObject));
    }

    <T> List<T> list(String key, Function<Block, T> item) {
      List<T> items = new ArrayList<>();
      for (JsonNode element : value(key, "a list", JsonNode::isArray)) {
        items.add(item.apply(new Block(path(key) + "[" + items.size() + "]", element)));
      }
      return items;
    }

    String text(String key) {
      return value(key, "text", JsonNode::isString).stringValue();
    }

    Optional<String> optionalText(String key) {
      return has(key) ? Optional.of(text(key)) : Optional.empty();
    }

    boolean flag(String key) {
      return value(key, "true or false", JsonNode::isBoolean).booleanValue();
    }

    /// Nothing that is counted here is ever negative.
    long number(String key) {
      return value(
              key,
              "a whole number",
              n -> n.isIntegralNumber() && n.canConvertToLong() && n.longValue() >= 0)
          .longValue();
    }

    int integer(String key) {
      return value(
              key,
              "a small whole number",
              n -> n.isIntegralNumber() && n.canConvertToInt() && n.intValue() >= 0)
          .intValue();
    }

    Optional<Integer> optionalInteger(String key) {
      return has(key) ? Optional.of(integer(key)) : Optional.empty();
    }

    Instant instant(String key) {
      try {
        return Instant.parse(text(key));
      } catch (DateTimeException e) {
        throw new IllegalArgumentException("'" + path(key) + "' is not an instant", e);
      }
    }

    URI address(String key) {
      try {
        return URI.create(text(key));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("'" + path(key) + "' is not an address", e);
      }
    }

    private JsonNode value(String key, String kind, Predicate<JsonNode> good) {
      JsonNode value = node.get(key);
      if (value == null) {
        throw new IllegalArgumentException("'" + path(key) + "' is missing");
      }
      if (!good.test(value)) {
        throw new IllegalArgumentException("'" + path(key) + "' is not " + kind);
      }
      return value;
    }

    private String path(String key) {
      return where.isEmpty() ? key : where + "." + key;
    }
  }
}
