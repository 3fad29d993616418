package dev.lifeboat.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A block: the user's values, the reference's beneath, and which keys were asked for.
final class HoconSection implements Section {
  private final String path;
  private final @Nullable ConfigObject user;
  private final @Nullable ConfigObject reference;
  // Where a missing key is reported: the nearest enclosing block that the user wrote.
  private final @Nullable ConfigOrigin place;
  // Not a block at all, which was reported: nothing below it is worth a further word.
  private final boolean broken;
  private final ProblemList problems;
  private final SecretSyntax secrets;
  private final Map<String, HoconSection> children = new LinkedHashMap<>();
  private final Set<String> asked = new TreeSet<>();

  private HoconSection(
      String path,
      @Nullable ConfigObject user,
      @Nullable ConfigObject reference,
      @Nullable ConfigOrigin place,
      boolean broken,
      ProblemList problems,
      SecretSyntax secrets) {
    this.path = path;
    this.user = user;
    this.reference = reference;
    this.place = place;
    this.broken = broken;
    this.problems = problems;
    this.secrets = secrets;
  }

  static HoconSection root(
      ConfigObject user,
      ConfigObject reference,
      Map<String, String> environment,
      ProblemList problems) {
    var secrets = new SecretSyntax(environment, problems);
    return new HoconSection("", user, reference, null, false, problems, secrets);
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public boolean has(String key) {
    asked.add(key);
    ConfigValue value = user == null ? null : user.get(key);
    return value != null && value.valueType() != ConfigValueType.NULL;
  }

  @Override
  public Section section(String key) {
    asked.add(key);
    return children.computeIfAbsent(key, this::open);
  }

  private HoconSection open(String key) {
    ConfigValue mine = user == null ? null : user.get(key);
    ConfigValue below = reference == null ? null : reference.get(key);
    ConfigObject defaults = below instanceof ConfigObject object ? object : null;
    if (mine == null || mine.valueType() == ConfigValueType.NULL) {
      return new HoconSection(full(key), null, defaults, place, broken, problems, secrets);
    }
    if (mine instanceof ConfigObject block) {
      return new HoconSection(
          full(key), block, defaults, block.origin(), broken, problems, secrets);
    }
    add(key, "expected a block { … }, found " + kind(mine), "");
    return new HoconSection(full(key), null, defaults, mine.origin(), true, problems, secrets);
  }

  @Override
  public List<String> names(String key) {
    if (!key.isEmpty()) {
      return section(key).names("");
    }
    return children(user);
  }

  private static List<String> children(@Nullable ConfigObject block) {
    if (block == null) {
      return List.of();
    }
    return block.entrySet().stream()
        .filter(entry -> entry.getValue().valueType() != ConfigValueType.NULL)
        .sorted(
            Comparator.<Map.Entry<String, ConfigValue>>comparingInt(
                    entry -> entry.getValue().origin().lineNumber())
                .thenComparing(Map.Entry::getKey))
        .map(Map.Entry::getKey)
        .toList();
  }

  @Override
  public Map<String, String> pairs(String key) {
    var section = (HoconSection) section(key);
    var pairs = new LinkedHashMap<String, String>();
    for (String name : section.names("")) {
      section.asked.add(name);
      ConfigValue value = section.user == null ? null : section.user.get(name);
      if (value == null
          || value.valueType() != ConfigValueType.STRING
          || value.unwrapped().toString().isBlank()) {
        section.add(name, "expected a text", "write " + name + " = \"…\"");
        continue;
      }
      pairs.put(name, value.unwrapped().toString());
    }
    return Collections.unmodifiableMap(pairs);
  }

  @Override
  public String text(String key) {
    return required(key, optionalText(key), "");
  }

  @Override
  public Optional<String> optionalText(String key) {
    return value(key).flatMap(value -> scalar(key, value, "a text"));
  }

  @Override
  public List<String> texts(String key) {
    Optional<ConfigValue> value = value(key);
    if (value.isEmpty()) {
      return List.of();
    }
    if (!(value.get() instanceof ConfigList list)) {
      add(key, "expected a list [ … ], found " + shown(value.get()), "");
      return List.of();
    }
    var texts = new ArrayList<String>();
    for (ConfigValue element : list) {
      if (element.valueType() == ConfigValueType.STRING
          && !element.unwrapped().toString().isBlank()) {
        texts.add(element.unwrapped().toString());
      } else {
        problems.add(
            element.origin(), full(key), "expected a list of texts, found " + shown(element), "");
      }
    }
    return texts;
  }

  @Override
  public boolean flag(String key) {
    Optional<String> text = value(key).flatMap(value -> scalar(key, value, "true or false"));
    return switch (required(key, text, "false").toLowerCase(Locale.ROOT)) {
      case "true", "yes", "on" -> true;
      case "false", "no", "off" -> false;
      default -> {
        add(key, "expected true or false, found " + shown(key), "");
        yield false;
      }
    };
  }

  @Override
  public int number(String key, int min, int max) {
    Optional<String> text = value(key).flatMap(value -> scalar(key, value, "a whole number"));
    String found = required(key, text, String.valueOf(min));
    if (!found.matches("[+-]?\\d{1,18}")) {
      add(key, "expected a whole number, found " + shown(key), "");
      return min;
    }
    long number = Long.parseLong(found);
    if (number < min || number > max) {
      add(key, "must be between %d and %d, found %d".formatted(min, max, number), "");
      return min;
    }
    return (int) number;
  }

  @Override
  public Duration duration(String key, Duration min, Duration max) {
    return quantity(key, "a duration", Quantity::duration, Quantity::text, min, max);
  }

  @Override
  public ByteSize size(String key, ByteSize min, ByteSize max) {
    return quantity(key, "a size", Quantity::size, ByteSize::toString, min, max);
  }

  private interface Parser<T> {
    T parse(String text) throws Quantity.Wrong;
  }

  private interface Printer<T> {
    String print(T value);
  }

  private <T extends Comparable<T>> T quantity(
      String key, String what, Parser<T> parser, Printer<T> printer, T min, T max) {
    Optional<String> text = value(key).flatMap(value -> scalar(key, value, what));
    if (text.isEmpty()) {
      required(key, text, "");
      return min;
    }
    T found = parsed(key, text.get(), parser, min);
    if (found.compareTo(min) < 0 || found.compareTo(max) > 0) {
      add(
          key,
          "must be between %s and %s, found %s"
              .formatted(printer.print(min), printer.print(max), printer.print(found)),
          "");
      return min;
    }
    return found;
  }

  private <T> T parsed(String key, String text, Parser<T> parser, T placeholder) {
    try {
      return parser.parse(text);
    } catch (Quantity.Wrong wrong) {
      add(key, wrong.message(), wrong.hint());
      return placeholder;
    }
  }

  @Override
  public Path path(String key) {
    Optional<Path> found = optionalPath(key);
    required(key, found.map(Path::toString), "");
    return found.orElse(Path.of("/"));
  }

  @Override
  public Optional<Path> optionalPath(String key) {
    return value(key)
        .flatMap(value -> scalar(key, value, "a path"))
        .map(
            text -> {
              if (text.indexOf('\0') >= 0 || !Path.of(text).isAbsolute()) {
                add(key, "expected an absolute path, found \"" + text + "\"", "");
                return Path.of("/");
              }
              return Path.of(text).normalize();
            });
  }

  @Override
  public URI address(String key) {
    URI placeholder = URI.create("https://127.0.0.1");
    Optional<String> text = value(key).flatMap(value -> scalar(key, value, "an address"));
    return text.isEmpty()
        ? URI.create(required(key, text, placeholder.toString()))
        : parsed(key, text.get(), AddressSyntax::parse, placeholder);
  }

  @Override
  public List<URI> addresses(String key) {
    var addresses = new ArrayList<URI>();
    for (String text : texts(key)) {
      addresses.add(parsed(key, text, AddressSyntax::parse, URI.create("https://127.0.0.1")));
    }
    return addresses;
  }

  @Override
  public <E extends Enum<E>> E choice(String key, Class<E> type) {
    E[] constants = type.getEnumConstants();
    List<String> names =
        Arrays.stream(constants)
            .map(constant -> constant.name().toLowerCase(Locale.ROOT).replace('_', '-'))
            .toList();
    Optional<String> text = value(key).flatMap(value -> scalar(key, value, "a word"));
    String found = required(key, text, names.getFirst());
    int index = names.indexOf(found);
    if (index < 0) {
      add(
          key,
          "expected one of %s; found %s".formatted(String.join(", ", names), shown(key)),
          DidYouMean.hint(found, names));
      return constants[0];
    }
    return constants[index];
  }

  @Override
  public SecretSource secret(String key) {
    Optional<SecretSource> found = optionalSecret(key);
    required(key, found.map(SecretSource::toString), "");
    return found.orElse(new SecretSource.FromFile(Path.of("/dev/null")));
  }

  @Override
  public Optional<SecretSource> optionalSecret(String key) {
    return value(key).map(value -> secrets.read(full(key), value));
  }

  @Override
  public void problem(String key, String message, String hint) {
    add(key, message, hint);
  }

  @Override
  public void finish() {
    if (broken) {
      return;
    }
    for (String key : children(user)) {
      if (!asked.contains(key)) {
        unknown(key);
      }
    }
    children.values().forEach(HoconSection::finish);
  }

  private void unknown(String key) {
    if (reference != null && reference.containsKey(key)) {
      add(key, "has no effect with the other settings of this block", "remove it");
      return;
    }
    var known = new TreeSet<>(asked);
    if (reference != null) {
      known.addAll(reference.keySet());
    }
    add(key, "unknown key", DidYouMean.hint(key, known));
  }

  /// The value, of the user or else of the reference; empty for `null`.
  private Optional<ConfigValue> value(String key) {
    asked.add(key);
    if (broken) {
      return Optional.empty();
    }
    ConfigValue value = user == null ? null : user.get(key);
    if (value == null && reference != null) {
      value = reference.get(key);
    }
    return value == null || value.valueType() == ConfigValueType.NULL
        ? Optional.empty()
        : Optional.of(value);
  }

  private Optional<String> scalar(String key, ConfigValue value, String expected) {
    if (value instanceof ConfigObject || value instanceof ConfigList) {
      add(key, "expected %s, found %s".formatted(expected, shown(value)), "");
      return Optional.empty();
    }
    // Through the value's own Config: a number keeps the digits that the user wrote.
    String text = value.atKey("value").getString("value").strip();
    if (text.isEmpty()) {
      add(key, "must not be empty", "");
      return Optional.empty();
    }
    return Optional.of(text);
  }

  /// The text, or the placeholder and a problem when the key is set nowhere.
  private String required(String key, Optional<String> text, String placeholder) {
    if (text.isEmpty() && !broken && value(key).isEmpty()) {
      add(key, "is required", "");
    }
    return text.orElse(placeholder);
  }

  private String shown(String key) {
    return value(key).map(HoconSection::shown).orElse("nothing");
  }

  /// A text where a block is due may be a secret that was put one level too high.
  private static String kind(ConfigValue value) {
    return value.valueType() == ConfigValueType.STRING ? "a text" : shown(value);
  }

  private static String shown(ConfigValue value) {
    return switch (value.valueType()) {
      case OBJECT -> "a block";
      case LIST -> "a list";
      case NULL -> "null";
      case NUMBER, BOOLEAN -> value.atKey("value").getString("value");
      case STRING -> {
        String text = value.unwrapped().toString();
        yield '"' + (text.length() > 60 ? text.substring(0, 60) + "…" : text) + '"';
      }
    };
  }

  private void add(String key, String message, String hint) {
    ConfigValue value = user == null ? null : user.get(key);
    problems.add(value == null ? place : value.origin(), full(key), message, hint);
  }

  private String full(String key) {
    if (key.isEmpty()) {
      return path;
    }
    return path.isEmpty() ? key : path + "." + key;
  }
}
