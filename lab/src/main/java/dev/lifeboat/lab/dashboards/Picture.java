package dev.lifeboat.lab.dashboards;

import dev.lifeboat.lab.Prometheus.Series;
import dev.lifeboat.lab.dashboards.Dashboard.Placed;
import dev.lifeboat.lab.dashboards.Svg.Anchor;
import dev.lifeboat.lab.dashboards.Svg.Box;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A dashboard as SVG, with what a real Prometheus answers to its panels: not a screenshot of
/// Grafana, but the same panels in the same places.
final class Picture {
  static final String INK = "#22272e";
  static final String FAINT = "#7b838f";
  static final String GRID = "#e6e8ec";

  private static final String BACKGROUND = "#f3f4f6";
  private static final double COLUMN = 50;
  private static final double LINE = 38;
  private static final double GAP = 8;
  private static final double HEADER = 44;

  private Picture() {}

  /// @param legend filled in
  record Answer(Query query, String legend, Series series) {}

  static void write(Asked asked, Path folder) {
    try {
      Files.createDirectories(folder);
      for (var dashboard : Dashboards.all()) {
        Files.writeString(folder.resolve(fileName(dashboard)), draw(dashboard, asked));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String fileName(Dashboard dashboard) {
    return "dashboard-" + dashboard.name() + ".svg";
  }

  static String draw(Dashboard dashboard, Asked asked) {
    var svg = new Svg();
    svg.bold(GAP + 4, 28, 18, INK, Anchor.START, "Lifeboat / " + dashboard.title());
    svg.text(COLUMN * Dashboard.COLUMNS, 28, 12, FAINT, Anchor.END, dashboard.description());
    var moments = Moments.of(asked);
    int top = 0;
    for (var row : dashboard.rows()) {
      if (!row.title().isEmpty()) {
        svg.bold(GAP + 4, y(top) + 22, 14, INK, Anchor.START, "▾ " + row.title());
        top++;
      }
      var placed = Dashboard.place(row, top);
      placed.forEach(each -> panel(svg, each, asked, moments));
      top = Dashboard.bottom(placed);
    }
    return svg.document(COLUMN * Dashboard.COLUMNS + GAP, y(top) + 4, BACKGROUND);
  }

  private static double y(int line) {
    return HEADER + line * LINE;
  }

  private static void panel(Svg svg, Placed placed, Asked asked, Moments moments) {
    var panel = placed.panel();
    var box =
        new Box(
            GAP + placed.left() * COLUMN,
            y(placed.top()),
            panel.width() * COLUMN - GAP,
            panel.height() * LINE - GAP);
    svg.rectangle(box, "#ffffff", 3);
    var title = Svg.cut(panel.title(), 12, box.width() - 14);
    svg.bold(box.x() + 8, box.y() + 18, 12, INK, Anchor.START, title);
    var inside = box.inside(8, 28, 8, 8);
    var answers = answers(panel, asked);
    if (answers.isEmpty()) {
      svg.text(
          inside.x() + inside.width() / 2,
          inside.middle(),
          13,
          FAINT,
          Anchor.MIDDLE,
          Svg.cut(panel.look().absent(), 13, inside.width()));
      return;
    }
    switch (panel.kind()) {
      case STAT -> Tiles.stat(svg, inside, panel, answers);
      case BARS -> Tiles.bars(svg, inside, panel, answers);
      case TABLE -> TablePicture.draw(svg, inside, panel, answers);
      case LINES -> new Chart(svg, inside, panel, asked, moments).lines(answers);
      case STATES -> new Chart(svg, inside, panel, asked, moments).states(answers);
    }
  }

  private static List<Answer> answers(Panel panel, Asked asked) {
    var answers = new ArrayList<Answer>();
    for (var query : panel.queries()) {
      for (var series : asked.series(query.expression(), panel.kind().instant())) {
        if (series.points().stream().anyMatch(point -> Double.isFinite(point.value()))) {
          answers.add(new Answer(query, Asked.legend(query.title(), series), series));
        }
      }
    }
    return answers;
  }
}
