package dev.lifeboat.unseal;

import dev.lifeboat.unseal.Share.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Finds the shares in what people keep: one share a line, what `operator init` printed, the same
/// with `-format=json`, the answer of `sys/init`, or a JSON object with a share in each field, as
/// the console of Secrets Manager makes it.
public final class ShareText {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Pattern PRINTED =
      Pattern.compile("(?m)^\\s*(Unseal|Recovery) Key(?: \\d{1,3})?:\\s*(\\S+)\\s*$");

  /// In this order; of one key written twice (hex and base64) the first field counts.
  private static final List<Map.Entry<String, Kind>> FIELDS =
      List.of(
          Map.entry("unseal_keys_b64", Kind.UNSEAL),
          Map.entry("keys_base64", Kind.UNSEAL),
          Map.entry("unseal_keys_hex", Kind.UNSEAL),
          Map.entry("keys", Kind.UNSEAL),
          Map.entry("recovery_keys_b64", Kind.RECOVERY),
          Map.entry("recovery_keys_base64", Kind.RECOVERY),
          Map.entry("recovery_keys_hex", Kind.RECOVERY),
          Map.entry("recovery_keys", Kind.RECOVERY));

  private ShareText() {}

  /// All shares, at least one; [UnsealException] when there is none, or a line is something else.
  ///
  /// @param text never quoted in a message
  /// @param from a file or a secret, for messages
  public static List<Share> read(String text, String from) {
    String content = text.strip();
    List<Share> shares;
    if (content.startsWith("{") || content.startsWith("[")) {
      shares = json(content, from);
    } else {
      List<Share> printed = printed(content, from);
      shares = printed.isEmpty() ? lines(text, from) : printed;
    }
    if (shares.isEmpty()) {
      throw bad(from, "holds no share of an unseal key");
    }
    return List.copyOf(shares);
  }

  private static List<Share> printed(String text, String from) {
    List<Share> shares = new ArrayList<>();
    for (Matcher line = PRINTED.matcher(text); line.find(); ) {
      Kind kind = line.group(1).equals("Unseal") ? Kind.UNSEAL : Kind.RECOVERY;
      String where = "%s key %d".formatted(from, shares.size() + 1);
      shares.add(required(line.group(2), where, kind));
    }
    return shares;
  }

  private static List<Share> lines(String text, String from) {
    List<Share> shares = new ArrayList<>();
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      if (!line.isBlank() && !line.stripLeading().startsWith("#")) {
        shares.add(required(line, "%s line %d".formatted(from, number), Kind.UNNAMED));
      }
    }
    return shares;
  }

  private static List<Share> json(String text, String from) {
    JsonNode json;
    try {
      json = JSON.readTree(text);
    } catch (JacksonException e) {
      // Its message quotes the text.
      throw bad(from, "begins like JSON and is none");
    }
    JsonNode keys = json.path("data").isObject() ? json.path("data") : json;
    for (Map.Entry<String, Kind> field : FIELDS) {
      JsonNode listed = keys.path(field.getKey());
      if (listed.isArray() && !listed.isEmpty()) {
        return each(listed, from + " " + field.getKey(), field.getValue());
      }
    }
    if (json.isArray()) {
      return each(json, from, Kind.UNNAMED);
    }
    // Whatever else is in such an object, a token for one, is no share by its length.
    List<Share> shares = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : keys.properties()) {
      Optional<Share> share =
          Share.parse(field.getValue().asString(""), from + " " + field.getKey(), Kind.UNNAMED);
      share.ifPresent(shares::add);
    }
    return shares;
  }

  private static List<Share> each(JsonNode listed, String from, Kind kind) {
    List<Share> shares = new ArrayList<>();
    for (JsonNode share : listed) {
      String where = "%s %d".formatted(from, shares.size() + 1);
      shares.add(required(share.asString(""), where, kind));
    }
    return shares;
  }

  private static Share required(String text, String where, Kind kind) {
    return Share.parse(text, where, kind).orElseThrow(() -> noShare(text, where));
  }

  /// Says how long what was found is, and not what.
  public static UnsealException noShare(String text, String where) {
    return bad(
        where,
        "is no share of an unseal key: it has %d characters".formatted(text.strip().length()));
  }

  private static UnsealException bad(String where, String what) {
    return new UnsealException(
        "%s %s\nhint: %s"
            .formatted(
                where,
                what,
                "a share has 44 characters of base64 or 66 of hex; one a line, or what operator"
                    + " init printed"));
  }
}
