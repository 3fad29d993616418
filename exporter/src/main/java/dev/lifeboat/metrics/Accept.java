package dev.lifeboat.metrics;

import java.util.Locale;

/// Reads an `Accept` header (RFC 9110, section 12.5.1) as far as two formats need it.
final class Accept {
  private Accept() {}

  /// A wildcard asks for nothing by name, so a browser and plain `curl` are given text.
  static boolean prefersOpenMetrics(String accept) {
    double openMetrics = weight(accept, "application/openmetrics-text");
    return openMetrics > 0 && openMetrics >= weight(accept, "text/plain");
  }

  private static double weight(String accept, String type) {
    double best = 0;
    for (String range : accept.toLowerCase(Locale.ROOT).split(",", 32)) {
      String[] parts = range.split(";", 16);
      if (parts[0].strip().equals(type)) {
        best = Math.max(best, quality(parts));
      }
    }
    return best;
  }

  private static double quality(String[] parts) {
    for (int i = 1; i < parts.length; i++) {
      String parameter = parts[i].strip();
      if (parameter.startsWith("q=")) {
        try {
          return Double.parseDouble(parameter.substring(2));
        } catch (NumberFormatException e) {
          return 0;
        }
      }
    }
    return 1;
  }
}
