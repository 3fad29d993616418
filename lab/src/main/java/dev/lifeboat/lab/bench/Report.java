package dev.lifeboat.lab.bench;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// All findings of one run, as a table and as JSON.
///
/// @param server such as `OpenBao 2.7.2`
record Report(Instant takenAt, String server, Machine machine, List<Finding> findings) {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
  private static final List<String> HEADINGS =
      List.of("benchmark", "measured", "Lifeboat", "compared with", "theirs", "ratio", "goal", "");

  Report {
    findings = List.copyOf(findings);
  }

  String text() {
    var rows = new ArrayList<List<String>>();
    rows.add(HEADINGS);
    findings.forEach(finding -> rows.add(row(finding)));
    var text = new StringBuilder();
    text.append(takenAt.truncatedTo(ChronoUnit.SECONDS)).append(", ").append(server);
    text.append("\n").append(machine.text()).append("\n\n").append(aligned(rows));
    for (Finding finding : findings) {
      for (String note : finding.notes()) {
        text.append("\n%s, %s: %s".formatted(finding.benchmark(), finding.ours().of(), note));
      }
    }
    return text.toString();
  }

  private static List<String> row(Finding finding) {
    return List.of(
        finding.benchmark(),
        finding.ours().of(),
        finding.ours().text(),
        finding.theirs().map(Samples::of).orElse(""),
        finding.theirs().map(Samples::text).orElse(""),
        finding.ratio().isPresent() ? ratio(finding.ratio().getAsDouble()) : "",
        finding.goal().text(finding.ours().unit()),
        finding.met() ? "met" : "MISSED");
  }

  private static String ratio(double value) {
    return String.format(Locale.ROOT, "%.2f×", value);
  }

  private static String aligned(List<List<String>> rows) {
    var text = new StringBuilder();
    for (List<String> row : rows) {
      var line = new StringBuilder();
      for (int column = 0; column < row.size(); column++) {
        line.append(row.get(column));
        line.append(" ".repeat(width(rows, column) - row.get(column).length() + 2));
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  private static int width(List<List<String>> rows, int column) {
    return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
  }

  String json() {
    var json = JSON.createObjectNode();
    json.put("taken_at", takenAt.toString()).put("server", server);
    machine.describe(json.putObject("machine"));
    var list = json.putArray("findings");
    findings.forEach(finding -> describe(finding, list.addObject()));
    return JSON.writeValueAsString(json);
  }

  private static void describe(Finding finding, ObjectNode json) {
    json.put("benchmark", finding.benchmark());
    describe(finding.ours(), json.putObject("lifeboat"));
    finding.theirs().ifPresent(peer -> describe(peer, json.putObject("compared_with")));
    finding.ratio().ifPresent(ratio -> json.put("ratio", rounded(ratio)));
    json.put(finding.goal() instanceof Goal.Ratio ? "ratio_max" : "each_max", finding.goal().max())
        .put("met", finding.met());
    finding.notes().forEach(json.putArray("notes")::add);
  }

  private static void describe(Samples samples, ObjectNode json) {
    json.put("of", samples.of())
        .put("unit", samples.unit().symbol())
        .put("median", rounded(samples.median()))
        .put("min", rounded(samples.min()))
        .put("max", rounded(samples.max()))
        .put("p99", rounded(samples.percentile(99)));
    var values = json.putArray("values");
    samples.values().forEach(value -> values.add(rounded(value)));
  }

  private static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
