package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// What one `GET /metrics` gave, in the text format.
record Scrape(String text) {
  /// @param series as it is printed, such as `vault_node_state{state="active"}`
  OptionalDouble value(String series) {
    return text.lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .findFirst();
  }

  boolean has(String series, double value) {
    return value(series).equals(OptionalDouble.of(value));
  }

  /// Itself, when the series has this value.
  Scrape expect(String series, double value) {
    assertEquals(OptionalDouble.of(value), value(series), () -> series + " in\n" + text);
    return this;
  }

  /// Itself, when no series of a metric whose name begins like this is there.
  Scrape expectNone(String prefix) {
    assertEquals(Set.of(), families(prefix), () -> prefix + " in\n" + text);
    return this;
  }

  /// The names of all metrics that have a sample.
  Set<String> families() {
    return families("");
  }

  Set<String> families(String prefix) {
    var names = new TreeSet<String>();
    text.lines()
        .filter(line -> line.startsWith(prefix) && !line.startsWith("#") && !line.isEmpty())
        .forEach(line -> names.add(line.split("[{ ]", 2)[0]));
    return names;
  }

  /// The label's value in the metric's first sample.
  Optional<String> label(String metric, String label) {
    var pair = Pattern.compile("[{,]" + label + "=\"([^\"]*)\"");
    return text.lines()
        .filter(line -> line.startsWith(metric + "{"))
        .map(pair::matcher)
        .filter(match -> match.find())
        .map(match -> match.group(1))
        .findFirst();
  }

  /// Itself, when the real `promtool check metrics` has nothing to say.
  Scrape lint() {
    try {
      var process =
          new ProcessBuilder(Servers.promtool().toString(), "check", "metrics")
              .redirectErrorStream(true)
              .start();
      try (var input = process.getOutputStream()) {
        input.write(text.getBytes(StandardCharsets.UTF_8));
      }
      var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor(), said);
      assertEquals("", said);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }
}
