package dev.lifeboat.lab.alerts;

import dev.lifeboat.lab.Checkout;
import dev.lifeboat.lab.Folders;
import dev.lifeboat.lab.LabException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The shipped rules, and the shipped example for Alertmanager, with time running faster by one
/// factor, so that a fault which is told after ten minutes is told after one.
///
/// Of rules are divided:
///
/// - every `for`, and every window such as `[1h]` in an expression;
/// - in an expression that asks for `time()`, each number that is a plain comparison's right side,
///   a product such as `14 * 86400` included: `time() - x > 14 * 86400`, `x - time() < 300`.
///
/// Not divided is what no clock of Prometheus' measures: an age that a server or an agent tells as
/// such (`vault_cluster_peer_last_contact_seconds > 30`, a clock's skew, a lag), and a multiple of
/// the schedule's own interval (`1.25 * …_interval_seconds`), which is as short as the schedule
/// that is configured. Counts, shares and sizes stay, too.
///
/// Of Alertmanager are divided `group_wait`, `group_interval`, `repeat_interval` and
/// `resolve_timeout`.
///
/// Everything is rounded to milliseconds, and up to one; zero stays zero.
public record ScaledRules(double factor) {
  private static final Pattern FOR =
      Pattern.compile("(?m)(?<=^        (?:for|keep_firing_for): )(\\d+)(ms|[smhdw])$");
  private static final Pattern WINDOW = Pattern.compile("(?<=\\[)(\\d+)(ms|[smhdw])(?=])");
  private static final Pattern EXPRESSION =
      Pattern.compile(
          "(?s)(?<=        expr: ).*?"
              + "(?=\n        (?:for|keep_firing_for|labels|annotations):|\n\n|\\z)");
  private static final Pattern SECONDS =
      Pattern.compile("(?<=[<>] )(\\d+)((?: \\* \\d+)*)(?=\\s|\\)|$)(?! \\* )");
  private static final Pattern ROUTING =
      Pattern.compile(
          "(?m)(?<=^ {2,12}(?:group_wait|group_interval|repeat_interval|resolve_timeout): )"
              + "(\\d+)(ms|[smhdw])$");

  public ScaledRules {
    if (!(factor >= 1)) {
      throw new IllegalArgumentException("factor: expected 1 or more, found " + factor);
    }
  }

  /// Nothing is changed.
  public static ScaledRules unscaled() {
    return new ScaledRules(1);
  }

  /// Writes every shipped file of rules into a folder, which is made: but for HAProxy's, as
  /// `docs/monitoring.md` says to whoever has none. They tell of what is not scraped.
  public Path writeTo(Path folder) {
    Folders.create(folder);
    try (Stream<Path> files = Files.list(shipped())) {
      for (Path file : files.filter(ScaledRules::isPlayed).toList()) {
        Files.writeString(folder.resolve(file.getFileName()), rules(Files.readString(file)));
      }
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isPlayed(Path file) {
    return file.toString().endsWith(".yaml") && !file.endsWith("haproxy.yaml");
  }

  /// The shipped example for Alertmanager.
  public String routing() {
    try {
      return routing(Files.readString(shipped().resolve("alertmanager.example.yml")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path shipped() {
    return Checkout.root().resolve("alert-rules");
  }

  /// @param yaml a file of rules
  String rules(String yaml) {
    if (factor == 1) {
      return yaml;
    }
    var held = FOR.matcher(yaml).replaceAll(this::duration);
    return EXPRESSION.matcher(held).replaceAll(found -> quoted(expression(found.group())));
  }

  /// @param yaml a configuration of Alertmanager
  String routing(String yaml) {
    return factor == 1 ? yaml : ROUTING.matcher(yaml).replaceAll(this::duration);
  }

  private String expression(String expression) {
    var windows = WINDOW.matcher(expression).replaceAll(this::duration);
    return windows.contains("time()")
        ? SECONDS.matcher(windows).replaceAll(found -> seconds(found) + found.group(2))
        : windows;
  }

  private String seconds(MatchResult found) {
    double scaled = Long.parseLong(found.group(1)) / factor;
    return scaled == Math.rint(scaled)
        ? Long.toString((long) scaled)
        : String.format(Locale.ROOT, "%.6f", scaled);
  }

  private String duration(MatchResult found) {
    long millis = Long.parseLong(found.group(1)) * unitMillis(found.group(2));
    return millis == 0 ? "0s" : Math.max(1, Math.round(millis / factor)) + "ms";
  }

  private static long unitMillis(String unit) {
    return switch (unit) {
      case "ms" -> 1;
      case "s" -> 1000;
      case "m" -> 60_000;
      case "h" -> 3_600_000;
      case "d" -> 86_400_000;
      case "w" -> 7 * 86_400_000L;
      default -> throw new IllegalArgumentException("no unit: " + unit);
    };
  }

  private static String quoted(String replacement) {
    return java.util.regex.Matcher.quoteReplacement(replacement);
  }

  /// With every `old` replaced; [LabException] where there is none.
  public static String replaced(String text, String old, String by) {
    if (!text.contains(old)) {
      throw new LabException("expected in what is shipped, and not there: " + old.strip());
    }
    return text.replace(old, by);
  }
}
