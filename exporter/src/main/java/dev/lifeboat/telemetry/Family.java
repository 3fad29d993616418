package dev.lifeboat.telemetry;

import java.util.ArrayList;
import java.util.List;

/// One metric of a text in Prometheus' format, its lines as they were written.
///
/// @param type `counter`, `gauge`, `summary`, `histogram` or `untyped`
/// @param help as escaped in the text, empty without one
/// @param samples whole lines, without their ends
record Family(String name, String type, String help, List<String> samples) {
  /// In the order of the text. Lines before the first `# TYPE`, and those that begin with another
  /// name than the metric's, are families of their own without a type.
  static List<Family> parse(String text) {
    List<Family> families = new ArrayList<>();
    Family open = new Family("", "untyped", "", new ArrayList<>());
    String help = "";
    String helpOf = "";
    for (String line : text.split("\n", -1)) {
      if (line.startsWith("# HELP ")) {
        String[] parts = line.substring(7).split(" ", 2);
        helpOf = parts[0];
        help = parts.length > 1 ? parts[1] : "";
      } else if (line.startsWith("# TYPE ")) {
        String[] parts = line.substring(7).split(" ", 2);
        String type = parts.length > 1 ? parts[1] : "untyped";
        open = new Family(parts[0], type, helpOf.equals(parts[0]) ? help : "", new ArrayList<>());
        families.add(open);
      } else if (!line.isEmpty() && !line.startsWith("#")) {
        if (!open.owns(line)) {
          open = new Family(nameOf(line), "untyped", "", new ArrayList<>());
          families.add(open);
        }
        open.samples().add(line);
      }
    }
    return families;
  }

  static String nameOf(String sample) {
    int end = 0;
    while (end < sample.length() && sample.charAt(end) != '{' && sample.charAt(end) != ' ') {
      end++;
    }
    return sample.substring(0, end);
  }

  private boolean owns(String sample) {
    if (!sample.startsWith(name)) {
      return false;
    }
    String rest = nameOf(sample).substring(name.length());
    return switch (type) {
      case "summary" -> rest.isEmpty() || rest.equals("_sum") || rest.equals("_count");
      case "histogram" -> rest.equals("_bucket") || rest.equals("_sum") || rest.equals("_count");
      default -> rest.isEmpty();
    };
  }

  Family with(List<String> kept) {
    return new Family(name, type, help, kept);
  }
}
