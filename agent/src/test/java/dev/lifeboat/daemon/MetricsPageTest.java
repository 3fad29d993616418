package dev.lifeboat.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lifeboat.collector.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// `docs/metrics.md` lists every metric as the program declares it, and no other.
class MetricsPageTest {
  private static final Path PAGE =
      Path.of(System.getProperty("lifeboat.root", "..")).resolve("docs/metrics.md");

  @Test
  void the_page_has_one_row_for_each_metric() throws IOException {
    List<String> declared =
        AgentCatalogue.metrics().stream().map(MetricsPageTest::row).sorted().toList();

    List<String> listed =
        Files.readAllLines(PAGE).stream()
            .filter(line -> line.matches("\\| `(vault|jvm|process)_\\w+` \\|.*"))
            .sorted()
            .toList();

    assertEquals(String.join("\n", declared), String.join("\n", listed));
  }

  private static String row(Metric metric) {
    String labels = metric.labels().isEmpty() ? "" : quoted(metric.labels());
    return "| `%s` | %s | %s | %s |"
        .formatted(metric.name(), metric.type().label(), labels, metric.help());
  }

  private static String quoted(List<String> labels) {
    return "`" + String.join("`, `", labels) + "`";
  }
}
