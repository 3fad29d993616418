package dev.lifeboat.vault;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads answers field by field. A field that is missing or of another type is told as absent: what
/// must be there is asked for with [#block].
final class Json {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final Pattern GO_DURATION = Pattern.compile("([0-9.]+)(ns|us|µs|ms|s|m|h)");

  private Json() {}

  /// @param what names the call in the message
  static JsonNode parse(String what, byte[] body) {
    if (body.length == 0) {
      throw new VaultException(
          VaultException.Reason.NOT_JSON, what + ": the answer is empty where JSON was due");
    }
    try {
      return MAPPER.readTree(body);
    } catch (JacksonException wrong) {
      // Not passed on as the cause: the parser's message quotes the body.
      if (String.valueOf(wrong.getOriginalMessage()).startsWith("Unexpected end-of-input")
          || endsInside(body)) {
        throw new VaultException(
            VaultException.Reason.TRUNCATED, what + ": the JSON ends in the middle");
      }
      VaultException plain = Failure.plainToTls(what, body);
      if (plain != null) {
        throw plain;
      }
      throw new VaultException(
          VaultException.Reason.NOT_JSON,
          what + ": the answer is no JSON\nhint: a proxy or another program answers there");
    }
  }

  /// Begins as JSON does and does not end so: cut within a word, the parser calls it a wrong word.
  private static boolean endsInside(byte[] body) {
    String text = new String(body, UTF_8).strip();
    boolean begun = text.startsWith("{") || text.startsWith("[");
    return begun && !text.endsWith("}") && !text.endsWith("]");
  }

  static byte[] bytes(Object value) {
    return MAPPER.writeValueAsBytes(value);
  }

  /// The object under `name`; without it the answer is none that we know.
  static JsonNode block(String what, JsonNode node, String name) {
    JsonNode block = node.path(name);
    if (!block.isObject() && !block.isArray()) {
      throw new VaultException(
          VaultException.Reason.NOT_JSON, what + ": the answer has no '" + name + "'");
    }
    return block;
  }

  static String text(JsonNode node, String name) {
    JsonNode value = node.path(name);
    return value.isString() ? value.stringValue() : "";
  }

  static Optional<String> optionalText(JsonNode node, String name) {
    return Optional.of(text(node, name)).filter(text -> !text.isEmpty());
  }

  static boolean flag(JsonNode node, String name) {
    return node.path(name).asBoolean(false);
  }

  static int integer(JsonNode node, String name) {
    return node.path(name).asInt(0);
  }

  static long exact(JsonNode node, String name) {
    return node.path(name).asLong(0);
  }

  static OptionalLong optionalExact(JsonNode node, String name) {
    JsonNode value = node.path(name);
    return value.isIntegralNumber() && value.canConvertToLong()
        ? OptionalLong.of(value.longValue())
        : OptionalLong.empty();
  }

  /// Go writes the year 1 where there is no time.
  static Optional<Instant> instant(JsonNode node, String name) {
    String text = text(node, name);
    if (text.isEmpty() || text.startsWith("0001-")) {
      return Optional.empty();
    }
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException notATime) {
      return Optional.empty();
    }
  }

  /// Go's way of writing a duration: `516.49ms`, `1m2.5s`.
  static Optional<Duration> duration(JsonNode node, String name) {
    Matcher part = GO_DURATION.matcher(text(node, name));
    double nanos = 0;
    int end = 0;
    while (part.lookingAt()) {
      try {
        nanos += Double.parseDouble(part.group(1)) * nanos(part.group(2));
      } catch (NumberFormatException twoPoints) {
        return Optional.empty();
      }
      end = part.end();
      part.region(end, part.regionEnd());
    }
    return end > 0 && end == part.regionEnd()
        ? Optional.of(Duration.ofNanos(Math.round(nanos)))
        : Optional.empty();
  }

  private static double nanos(String unit) {
    return switch (unit) {
      case "h" -> 3.6e12;
      case "m" -> 6e10;
      case "s" -> 1e9;
      case "ms" -> 1e6;
      case "us", "µs" -> 1e3;
      default -> 1;
    };
  }
}
