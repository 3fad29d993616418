package dev.lifeboat.lab.dashboards;

import java.util.Locale;

/// What a number counts: Grafana's id of it, and how a picture writes it.
enum Unit {
  NONE("none"),
  SECONDS("s"),
  BYTES("bytes"),
  BYTES_PER_SECOND("binBps"),
  /// Of a whole that is 1.
  PART("percentunit"),
  PER_SECOND("cps"),
  /// Grafana's own words for 0 and 1.
  YES_NO("bool_yes_no");

  private static final String[] BINARY = {"B", "KiB", "MiB", "GiB", "TiB"};

  private final String grafana;

  Unit(String grafana) {
    this.grafana = grafana;
  }

  String grafana() {
    return grafana;
  }

  /// With a unit that leaves three digits or so.
  String write(double value) {
    if (Double.isNaN(value)) {
      return "–";
    }
    return switch (this) {
      case NONE -> number(value);
      case SECONDS -> seconds(value);
      case BYTES -> bytes(value);
      case BYTES_PER_SECOND -> bytes(value) + "/s";
      case PART -> number(value * 100) + " %";
      case PER_SECOND -> number(value) + "/s";
      case YES_NO -> value == 0 ? "no" : "yes";
    };
  }

  private static String seconds(double value) {
    double size = Math.abs(value);
    if (size == 0) {
      return "0 s";
    }
    if (size < 0.001) {
      return number(value * 1e6) + " µs";
    }
    if (size < 1) {
      return number(value * 1e3) + " ms";
    }
    if (size < 120) {
      return number(value) + " s";
    }
    if (size < 7200) {
      return number(value / 60) + " min";
    }
    return size < 2 * 86_400 ? number(value / 3600) + " h" : number(value / 86_400) + " d";
  }

  private static String bytes(double value) {
    int power = 0;
    double rest = value;
    while (Math.abs(rest) >= 1024 && power < BINARY.length - 1) {
      rest /= 1024;
      power++;
    }
    return number(rest) + " " + BINARY[power];
  }

  private static String number(double value) {
    double size = Math.abs(value);
    if (value == Math.rint(value) && size < 1e6) {
      return Long.toString(Math.round(value));
    }
    if (size >= 1e6) {
      return String.format(Locale.ROOT, "%.2f M", value / 1e6);
    }
    return String.format(Locale.ROOT, size < 10 ? "%.2f" : size < 100 ? "%.1f" : "%.0f", value)
        .replaceFirst("(\\.\\d*?)0+$", "$1")
        .replaceFirst("\\.$", "");
  }
}
