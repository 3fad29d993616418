package dev.lifeboat.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Holds `docs/configuration.md` to `reference.conf`, and both to the parser.
class ConfigurationPageTest {
  private static final Pattern ROW =
      Pattern.compile("^\\| `([a-z.-]+)` \\| `([^`]+)` \\| .+ \\|$", Pattern.MULTILINE);
  private static final Pattern EXAMPLE =
      Pattern.compile("^```hocon( credentials)?\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern ASSIGNMENT = Pattern.compile("([a-z-]+) = (.+)");
  private static final Pattern BLOCK = Pattern.compile("([a-z-]+) \\{(})?");

  @TempDir Path folder;

  @Test
  void the_page_lists_every_key_with_its_default() throws IOException {
    Map<String, String> listed = new TreeMap<>();
    for (Matcher row = ROW.matcher(page()); row.find(); ) {
      listed.put(row.group(1), row.group(2));
    }

    assertEquals(defaults(LifeboatConfig.reference()), listed);
  }

  @Test
  void every_example_is_a_right_configuration() throws IOException {
    int examples = 0;
    for (Matcher example = EXAMPLE.matcher(page()); example.find(); examples++) {
      Path file = Files.writeString(folder.resolve(examples + ".conf"), example.group(2));
      var _ = LifeboatConfig.read(file, Map.of("CREDENTIALS_DIRECTORY", "/run/credentials/x"));
    }
    assertEquals(5, examples);
  }

  @Test
  void every_example_of_a_store_is_a_right_configuration() throws IOException {
    int examples = 0;
    String page = Files.readString(root().resolve("docs/stores.md"));
    for (Matcher example = EXAMPLE.matcher(page); example.find(); examples++) {
      Path file =
          Files.writeString(folder.resolve("store-" + examples + ".conf"), example.group(2));
      assertFalse(LifeboatConfig.read(file, Map.of()).backup().orElseThrow().stores().isEmpty());
    }
    assertEquals(5, examples);
  }

  @Test
  void the_example_beside_the_unit_is_an_agent() throws IOException {
    Path file = root().resolve("systemd/lifeboat.conf.example");

    assertFalse(LifeboatConfig.read(file, Map.of()).backup().isEmpty());
  }

  @Test
  void an_empty_file_is_an_exporter_with_the_defaults_of_the_reference() throws IOException {
    Path file = Files.writeString(folder.resolve("empty.conf"), "");

    LifeboatConfig config = LifeboatConfig.read(file, Map.of());

    assertEquals("https://127.0.0.1:8200", config.vault().address().toString());
    assertEquals(9799, config.http().port());
    assertEquals(Path.of("/run/lifeboat/control.sock"), config.controlSocket());
    assertEquals(LogLines.Threshold.INFO, config.logLevel());
    assertEquals(true, config.backup().isEmpty());
  }

  @Test
  void every_key_of_the_reference_is_one_that_the_parser_asks_for() throws IOException {
    // Those of the methods that are not chosen are refused by a rule of their own.
    String reference =
        LifeboatConfig.reference()
            .replaceAll("(?ms)^    approle \\{.*?^    }$", "")
            .replaceAll("(?ms)^    cert \\{.*?^    }$", "");
    Path file = Files.writeString(folder.resolve("reference.conf"), reference);

    assertEquals(true, LifeboatConfig.read(file, Map.of()).backup().isPresent());
  }

  /// Dotted path to default, read from the text: a parser of its own, so that a mistake of the real
  /// one cannot hide.
  private static Map<String, String> defaults(String reference) {
    Map<String, String> defaults = new TreeMap<>();
    Deque<String> path = new ArrayDeque<>();
    for (String line : settings(reference)) {
      Matcher assignment = ASSIGNMENT.matcher(line);
      Matcher block = BLOCK.matcher(line);
      if (line.equals("}")) {
        path.removeLast();
      } else if (assignment.matches()) {
        defaults.put(join(path, assignment.group(1)), assignment.group(2));
      } else if (block.matches() && block.group(2) != null) {
        defaults.put(join(path, block.group(1)), "{}");
      } else if (block.matches()) {
        path.addLast(block.group(1));
      } else {
        throw new IllegalStateException("reference.conf: " + line);
      }
    }
    return defaults;
  }

  private static List<String> settings(String reference) {
    return reference
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
        .toList();
  }

  private static String join(Deque<String> path, String key) {
    return path.isEmpty() ? key : String.join(".", path) + "." + key;
  }

  private static String page() throws IOException {
    return Files.readString(root().resolve("docs/configuration.md"));
  }

  private static Path root() {
    return Path.of(System.getProperty("lifeboat.root", ".."));
  }
}
