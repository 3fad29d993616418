package dev.lifeboat.lab.dashboards;

import java.util.Locale;

/// What a value looks like; the names are Grafana's.
enum Colour {
  GREEN("#3f8f4f"),
  ORANGE("#d98014"),
  RED("#c4302b"),
  BLUE("#3b6fb6"),
  PURPLE("#8650a8"),
  /// Neither good nor bad.
  TEXT("#5b6470");

  private final String hex;

  Colour(String hex) {
    this.hex = hex;
  }

  String hex() {
    return hex;
  }

  String grafana() {
    return name().toLowerCase(Locale.ROOT);
  }
}
