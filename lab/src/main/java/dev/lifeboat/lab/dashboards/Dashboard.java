package dev.lifeboat.lab.dashboards;

import java.util.ArrayList;
import java.util.List;

/// One page of panels.
///
/// @param name of the file, and of the uid after `lifeboat-`
/// @param rows each with a title, which is empty for one that has no heading
record Dashboard(String name, String title, String description, List<Row> rows) {
  static final int COLUMNS = 24;

  /// Panels that belong together.
  record Row(String title, List<Panel> panels) {
    static Row of(String title, Panel... panels) {
      return new Row(title, List.of(panels));
    }
  }

  /// A panel and where it stands.
  record Placed(Panel panel, int left, int top) {}

  String uid() {
    return "lifeboat-" + name;
  }

  String fileName() {
    return name + ".json";
  }

  /// The panels of a row from left to right, on a new line where the next one does not fit.
  ///
  /// @param top the first line that is free
  static List<Placed> place(Row row, int top) {
    var placed = new ArrayList<Placed>();
    int left = 0;
    int line = top;
    int lineHeight = 0;
    for (var panel : row.panels()) {
      if (left + panel.width() > COLUMNS) {
        left = 0;
        line += lineHeight;
        lineHeight = 0;
      }
      placed.add(new Placed(panel, left, line));
      left += panel.width();
      lineHeight = Math.max(lineHeight, panel.height());
    }
    return placed;
  }

  /// The first line below all of them.
  static int bottom(List<Placed> placed) {
    return placed.stream().mapToInt(each -> each.top() + each.panel().height()).max().orElse(0);
  }
}
