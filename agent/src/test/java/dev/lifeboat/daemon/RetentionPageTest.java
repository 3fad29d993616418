package dev.lifeboat.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.retention.Period;
import dev.lifeboat.store.StoreConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Holds `docs/retention.md` to the parser.
class RetentionPageTest {
  private static final Path PAGE =
      Path.of(System.getProperty("lifeboat.root", "..")).resolve("docs/retention.md");
  private static final Pattern EXAMPLE =
      Pattern.compile("^```hocon\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

  @TempDir Path folder;

  @Test
  void its_examples_say_what_the_text_above_them_says() throws IOException {
    List<String> policies = new ArrayList<>();
    for (Matcher example = EXAMPLE.matcher(Files.readString(PAGE)); example.find(); ) {
      Path file = Files.writeString(folder.resolve("a.conf"), example.group(1));
      StoreConfig store =
          LifeboatConfig.read(file, Map.of()).backup().orElseThrow().stores().getFirst();
      policies.add(store.retention().text());
    }

    assertEquals(List.of("daily 30, monthly 12", "within 90d, monthly within 365d"), policies);
  }

  @Test
  void it_names_every_key() throws IOException {
    String page = Files.readString(PAGE);
    assertTrue(page.contains("| `last` |") && page.contains("| `max-share-percent` | `50` |"));
    for (Period period : Period.values()) {
      String key = period.name().toLowerCase(Locale.ROOT);
      if (period != Period.ALL) {
        assertTrue(page.contains("`" + key + "`"), key);
      }
      assertTrue(page.contains("." + key + "`"), "within." + key);
    }
  }
}
