package dev.lifeboat.lab.dashboards;

import dev.lifeboat.lab.dashboards.Picture.Answer;
import dev.lifeboat.lab.dashboards.Svg.Anchor;
import dev.lifeboat.lab.dashboards.Svg.Box;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A table in a picture: rows of the same labels are one, as in Grafana.
final class TablePicture {
  private static final double SIZE = 11.5;
  private static final double LINE = 24;

  private TablePicture() {}

  private record Cell(String text, String colour) {}

  private record Column(String title, List<Cell> cells) {
    double width() {
      int most = cells.stream().mapToInt(cell -> cell.text().length()).max().orElse(0);
      return Math.max(Svg.width("x".repeat(most + 2), SIZE), Svg.boldWidth(title + "xx", SIZE));
    }
  }

  static void draw(Svg svg, Box box, Panel panel, List<Answer> answers) {
    var rows = rows(panel, answers);
    var columns = columns(panel, rows, answers);
    double wanted = columns.stream().mapToDouble(Column::width).sum();
    double x = box.x();
    for (var column : columns) {
      double width = column.width() / wanted * box.width();
      svg.bold(
          x, box.y() + 12, SIZE, Picture.FAINT, Anchor.START, Svg.cut(column.title(), SIZE, width));
      for (int i = 0; i < column.cells().size(); i++) {
        double y = box.y() + 12 + (i + 1) * LINE;
        if (y > box.bottom()) {
          break;
        }
        var cell = column.cells().get(i);
        svg.text(x, y, SIZE, cell.colour(), Anchor.START, Svg.cut(cell.text(), SIZE, width));
      }
      x += width;
    }
    for (int i = 0; i < rows.size() && box.y() + 20 + i * LINE < box.bottom(); i++) {
      double y = box.y() + 20 + i * LINE;
      svg.line(box.x(), y, box.right(), y, Picture.GRID, "");
    }
  }

  /// The labels of each row.
  private static List<List<String>> rows(Panel panel, List<Answer> answers) {
    return answers.stream()
        .map(answer -> labels(panel, answer))
        .distinct()
        .sorted(Comparator.comparing(labels -> String.join("\n", labels)))
        .toList();
  }

  private static List<String> labels(Panel panel, Answer answer) {
    return panel.keys().keySet().stream().map(answer.series()::label).toList();
  }

  private static List<Column> columns(Panel panel, List<List<String>> rows, List<Answer> answers) {
    var columns = new ArrayList<Column>();
    int key = 0;
    for (String title : panel.keys().values()) {
      int index = key++;
      columns.add(
          new Column(
              title, rows.stream().map(row -> new Cell(row.get(index), Picture.INK)).toList()));
    }
    for (var query : panel.queries()) {
      Map<List<String>, Double> values = new TreeMap<>(Comparator.comparing(List::toString));
      answers.stream()
          .filter(answer -> answer.query().equals(query))
          .forEach(answer -> values.put(labels(panel, answer), answer.series().last()));
      columns.add(
          new Column(query.title(), rows.stream().map(row -> cell(query, values, row)).toList()));
    }
    return columns;
  }

  private static Cell cell(Query query, Map<List<String>, Double> values, List<String> row) {
    var value = values.get(row);
    if (value == null) {
      var absent = query.look().absent();
      return absent.equals(Look.PLAIN.absent())
          ? new Cell("–", Picture.FAINT)
          : new Cell(absent, Picture.INK);
    }
    var look = query.look();
    return new Cell(look.write(value), look.coloured() ? look.colour(value).hex() : Picture.INK);
  }
}
