package dev.lifeboat.telemetry;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.List;

/// Families as bytes, to be put at the end of a page.
///
/// One array for both formats, which differ in a few headers alone: what is held for seconds while
/// everything else dies young is what makes a heap grow (a list of lines cost 14 MiB).
final class Rendered {
  static final Rendered NOTHING = of(List.of());

  /// What stands in OpenMetrics in place of a piece of the text.
  private record Patch(int from, int to, byte[] by) {}

  private final byte[] text;
  private final List<Patch> patches;
  private final int openLength;

  private Rendered(byte[] text, List<Patch> patches) {
    this.text = text;
    this.patches = List.copyOf(patches);
    int length = text.length;
    for (Patch patch : patches) {
      length += patch.by().length - (patch.to() - patch.from());
    }
    this.openLength = length;
  }

  static Rendered of(List<Family> families) {
    var page = new StringBuilder(size(families));
    var patches = new ArrayList<Patch>();
    for (Family family : families) {
      String header = header(family, family.name(), family.type());
      String open = header(family, openName(family), openType(family));
      if (!open.equals(header)) {
        patches.add(
            new Patch(page.length(), page.length() + header.length(), open.getBytes(ISO_8859_1)));
      }
      page.append(header);
      for (String sample : family.samples()) {
        page.append(sample).append('\n');
      }
    }
    return new Rendered(page.toString().getBytes(ISO_8859_1), patches);
  }

  int length(boolean openMetrics) {
    return openMetrics ? openLength : text.length;
  }

  /// Copies all of it.
  void copyTo(byte[] page, int at, boolean openMetrics) {
    int from = 0;
    int to = at;
    for (Patch patch : openMetrics ? patches : List.<Patch>of()) {
      System.arraycopy(text, from, page, to, patch.from() - from);
      to += patch.from() - from;
      System.arraycopy(patch.by(), 0, page, to, patch.by().length);
      to += patch.by().length;
      from = patch.to();
    }
    System.arraycopy(text, from, page, to, text.length - from);
  }

  /// All of it at once: to grow is to copy.
  private static int size(List<Family> families) {
    int size = 0;
    for (Family family : families) {
      size += 2 * family.name().length() + family.help().length() + 40;
      for (String sample : family.samples()) {
        size += sample.length() + 1;
      }
    }
    return size;
  }

  private static String header(Family family, String name, String type) {
    String help = family.help().isEmpty() ? "" : "# HELP " + name + " " + family.help() + "\n";
    return help + "# TYPE " + name + " " + type + "\n";
  }

  /// OpenMetrics knows the name of a counter without its _total, which Vault's do not have: a
  /// counter that is not named so must not be called one there.
  private static String openType(Family family) {
    return switch (family.type()) {
      case "counter" -> family.name().endsWith("_total") ? "counter" : "unknown";
      case "untyped" -> "unknown";
      default -> family.type();
    };
  }

  private static String openName(Family family) {
    return openType(family).equals("counter")
        ? family.name().substring(0, family.name().length() - "_total".length())
        : family.name();
  }
}
