package dev.lifeboat.lab.bench;

import java.util.Locale;

/// What a figure counts, and how it is printed.
enum Unit {
  SECONDS("s", 2),
  MILLISECONDS("ms", 2),
  MEBIBYTES("MiB", 1);

  private final String symbol;
  private final int decimals;

  Unit(String symbol, int decimals) {
    this.symbol = symbol;
    this.decimals = decimals;
  }

  String symbol() {
    return symbol;
  }

  /// Without the symbol.
  String figure(double value) {
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }
}
