package dev.lifeboat.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Reads `{ file = … }`, `{ env = … }` or `{ credential = … }`. Nothing that stands where a secret
/// is due is ever quoted: it may be one.
final class SecretSyntax {
  private static final Set<String> SOURCES = Set.of("credential", "env", "file");
  private static final String SHAPES =
      "write { file = \"/path\" }, { env = \"NAME\" } or { credential = \"NAME\" }";
  private static final SecretSource PLACEHOLDER = new SecretSource.FromFile(Path.of("/dev/null"));

  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,63}");

  private final Map<String, String> environment;
  private final ProblemList problems;

  SecretSyntax(Map<String, String> environment, ProblemList problems) {
    this.environment = environment;
    this.problems = problems;
  }

  /// @param path the full dotted path of the key
  SecretSource read(String path, ConfigValue value) {
    if (!(value instanceof ConfigObject block)) {
      return wrong(path, value, "a secret must not stand in the configuration", SHAPES);
    }
    var sources = new TreeMap<String, ConfigValue>();
    boolean unknown = false;
    for (Map.Entry<String, ConfigValue> entry : new TreeMap<>(block).entrySet()) {
      String key = entry.getKey();
      if (!SOURCES.contains(key)) {
        unknown = true;
        wrong(path + "." + key, entry.getValue(), "unknown key", DidYouMean.hint(key, SOURCES));
      } else if (entry.getValue().valueType() != ConfigValueType.NULL) {
        sources.put(key, entry.getValue());
      }
    }
    if (unknown) {
      return PLACEHOLDER;
    }
    if (sources.isEmpty()) {
      return wrong(path, value, "no source of the secret is named", SHAPES);
    }
    if (sources.size() > 1) {
      return wrong(
          path,
          value,
          "a secret has one source, found " + String.join(" and ", sources.keySet()),
          "keep one of them");
    }
    return named(path, sources.firstKey(), sources.firstEntry().getValue());
  }

  private SecretSource named(String path, String source, ConfigValue named) {
    String full = path + "." + source;
    if (named.valueType() != ConfigValueType.STRING || named.unwrapped().toString().isBlank()) {
      return wrong(full, named, "expected a text", SHAPES);
    }
    String name = named.unwrapped().toString();
    return switch (source) {
      case "file" -> file(full, named, name);
      case "env" -> variable(full, named, name);
      default -> credential(full, named, name);
    };
  }

  private SecretSource file(String path, ConfigValue at, String name) {
    if (name.indexOf('\0') >= 0 || !Path.of(name).isAbsolute()) {
      return wrong(path, at, "expected an absolute path", "");
    }
    Path file = Path.of(name).normalize();
    String folder = environment.getOrDefault("CREDENTIALS_DIRECTORY", "");
    boolean guarded = !folder.isEmpty() && file.startsWith(Path.of(folder).normalize());
    return new SecretSource.FromFile(file, guarded);
  }

  private SecretSource variable(String path, ConfigValue at, String name) {
    if (!VARIABLE.matcher(name).matches()) {
      return wrong(path, at, "expected the name of an environment variable", "");
    }
    String value = environment.getOrDefault(name, "").strip();
    if (value.isEmpty()) {
      String state = environment.containsKey(name) ? "empty" : "not set";
      return wrong(path, at, "environment variable " + name + " is " + state, "");
    }
    Secret secret = new Secret(value);
    return secret.isOneWord()
        ? new SecretSource.FromEnvironment(name, secret)
        : wrong(path, at, "environment variable " + name + " holds more than one word", "");
  }

  private SecretSource credential(String path, ConfigValue at, String name) {
    if (name.contains("/") || name.indexOf('\0') >= 0 || name.startsWith(".")) {
      return wrong(path, at, "expected the name of a credential", "");
    }
    String folder = environment.getOrDefault("CREDENTIALS_DIRECTORY", "");
    if (folder.isEmpty()) {
      return wrong(
          path,
          at,
          "credential " + name + " needs $CREDENTIALS_DIRECTORY, which is not set",
          "add LoadCredential=" + name + ":/path to the systemd unit, or use { file = … }");
    }
    return new SecretSource.FromFile(Path.of(folder).resolve(name), true);
  }

  private SecretSource wrong(String path, ConfigValue at, String message, String hint) {
    problems.add(at.origin(), path, message, hint);
    return PLACEHOLDER;
  }
}
