package dev.lifeboat.telemetry;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// Families in both formats that a scraper may ask for, ready to be put at the end of a page.
record Rendered(byte[] text, byte[] openMetrics) {
  static final Rendered NOTHING = of(List.of());

  static Rendered of(List<Family> families) {
    var text = new StringBuilder();
    var openMetrics = new StringBuilder();
    for (Family family : families) {
      header(text, family.name(), family.type(), family.help());
      // OpenMetrics knows the name of a counter without its _total, which Vault's do not have: a
      // counter that is not named so must not be called one there.
      boolean total = family.name().endsWith("_total");
      String type =
          switch (family.type()) {
            case "counter" -> total ? "counter" : "unknown";
            case "untyped" -> "unknown";
            default -> family.type();
          };
      String name =
          type.equals("counter")
              ? family.name().substring(0, family.name().length() - "_total".length())
              : family.name();
      header(openMetrics, name, type, family.help());
      for (String sample : family.samples()) {
        text.append(sample).append('\n');
        openMetrics.append(sample).append('\n');
      }
    }
    return new Rendered(bytes(text), bytes(openMetrics));
  }

  private static void header(StringBuilder page, String name, String type, String help) {
    if (!help.isEmpty()) {
      page.append("# HELP ").append(name).append(' ').append(help).append('\n');
    }
    page.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  private static byte[] bytes(StringBuilder page) {
    return page.toString().getBytes(StandardCharsets.UTF_8);
  }
}
