package dev.lifeboat.lab.dashboards;

import dev.lifeboat.lab.Prometheus.Point;
import dev.lifeboat.lab.dashboards.Picture.Answer;
import dev.lifeboat.lab.dashboards.Svg.Anchor;
import dev.lifeboat.lab.dashboards.Svg.Box;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What runs over time in a picture: lines and states.
final class Chart {
  private static final List<String> PALETTE =
      List.of(
          "#3b6fb6", "#d98014", "#3f8f4f", "#8650a8", "#c4302b", "#2b9aa0", "#a8863b", "#d6629a",
          "#5b6470", "#86a83b");
  private static final Set<Unit> BINARY = Set.of(Unit.BYTES, Unit.BYTES_PER_SECOND);
  private static final double SMALL = 10.5;
  private static final double LEGEND_LINE = 15;
  // A scrape that failed leaves a hole of two steps.
  private static final double GAP_SECONDS = 1.5;
  // Points that lie on the line between two others are left out.
  private static final double STRAIGHT = 0.4;

  private final Svg svg;
  private final Box box;
  private final Panel panel;
  private final Asked asked;
  private final Moments moments;

  Chart(Svg svg, Box box, Panel panel, Asked asked, Moments moments) {
    this.svg = svg;
    this.box = box;
    this.panel = panel;
    this.asked = asked;
    this.moments = moments;
  }

  void lines(List<Answer> answers) {
    var curves = curves(answers);
    double low = Math.min(0, least(curves));
    double step = step(most(curves) - low);
    double high = Math.max(step, Math.ceil(most(curves) / step) * step);
    low = Math.floor(low / step) * step;
    double legend = legendHeight(answers);
    var plot = box.inside(52, 2, 4, 16 + legend);
    grid(plot, low, high, step);
    marks(plot);
    for (var threshold : panel.look().steps()) {
      if (threshold.from() < high && threshold.colour() == Colour.RED) {
        double y = y(plot, threshold.from(), low, high);
        svg.line(plot.x(), y, plot.right(), y, Colour.RED.hex(), "stroke-dasharray=\"5 4\"");
      }
    }
    for (int i = 0; i < curves.size(); i++) {
      svg.path(path(plot, curves.get(i), low, high), colour(i));
    }
    legend(answers, plot.bottom() + 28);
  }

  /// The points of each series; on top of each other when they are stacked.
  private List<List<Point>> curves(List<Answer> answers) {
    var curves = new ArrayList<List<Point>>();
    Map<Double, Double> below = new TreeMap<>();
    for (var answer : answers) {
      var points = answer.series().points();
      if (panel.stacked()) {
        points =
            points.stream()
                .map(p -> new Point(p.at(), below.merge(p.at(), p.value(), Double::sum)))
                .toList();
      }
      curves.add(points.stream().filter(point -> Double.isFinite(point.value())).toList());
    }
    return curves;
  }

  private static double most(List<List<Point>> curves) {
    return curves.stream().flatMap(List::stream).mapToDouble(Point::value).max().orElse(1);
  }

  private static double least(List<List<Point>> curves) {
    return curves.stream().flatMap(List::stream).mapToDouble(Point::value).min().orElse(0);
  }

  /// A round number of which four or so make up the range.
  private double step(double range) {
    if (range <= 0) {
      return 1;
    }
    double base = BINARY.contains(panel.look().unit()) ? binary(range) : 1;
    double raw = range / base / 4;
    double power = Math.pow(10, Math.floor(Math.log10(raw)));
    for (double factor : new double[] {1, 2, 5}) {
      if (raw <= factor * power) {
        return factor * power * base;
      }
    }
    return 10 * power * base;
  }

  private static double binary(double range) {
    return Math.pow(1024, Math.floor(Math.log(Math.max(1, range)) / Math.log(1024)));
  }

  private void grid(Box plot, double low, double high, double step) {
    for (int i = 0; low + i * step <= high + step / 2; i++) {
      double value = low + i * step;
      double y = y(plot, value, low, high);
      svg.line(plot.x(), y, plot.right(), y, Picture.GRID, "");
      var label = panel.look().unit().write(value);
      svg.text(plot.x() - 5, y + 3.5, SMALL, Picture.FAINT, Anchor.END, label);
    }
    times(plot);
  }

  private void times(Box plot) {
    long seconds = Duration.between(asked.from(), asked.to()).toSeconds();
    for (long at = 0; at <= seconds; at += plot.width() > 300 ? 15 : 30) {
      double x = plot.x() + plot.width() * at / seconds;
      var label = String.format(Locale.ROOT, "%d:%02d", at / 60, at % 60);
      svg.text(x, plot.bottom() + 13, SMALL, Picture.FAINT, Anchor.MIDDLE, label);
    }
  }

  private void marks(Box plot) {
    moments.backups().forEach(at -> mark(plot, at, Colour.BLUE, "2 3"));
    moments.leaders().forEach(at -> mark(plot, at, Colour.PURPLE, "8 2"));
  }

  private void mark(Box plot, double at, Colour colour, String dashes) {
    double x = x(plot, at);
    svg.line(
        x,
        plot.y(),
        x,
        plot.bottom(),
        colour.hex(),
        "stroke-dasharray=\"%s\" opacity=\"0.7\"".formatted(dashes));
  }

  private double x(Box plot, double at) {
    double from = asked.from().toEpochMilli() / 1000.0;
    double to = asked.to().toEpochMilli() / 1000.0;
    return plot.x() + plot.width() * (at - from) / (to - from);
  }

  private static double y(Box plot, double value, double low, double high) {
    return plot.bottom() - plot.height() * (value - low) / (high - low);
  }

  private String path(Box plot, List<Point> points, double low, double high) {
    var data = new StringBuilder();
    int from = 0;
    for (int i = 1; i <= points.size(); i++) {
      if (i == points.size() || points.get(i).at() - points.get(i - 1).at() > GAP_SECONDS) {
        var piece =
            points.subList(from, i).stream()
                .map(p -> new Dot(x(plot, p.at()), y(plot, p.value(), low, high)))
                .toList();
        data.append(piece(piece));
        from = i;
      }
    }
    return data.toString();
  }

  private record Dot(double x, double y) {
    /// How far it is above or below the line between two others.
    double from(Dot left, Dot right) {
      return Math.abs(left.y + (right.y - left.y) * (x - left.x) / (right.x - left.x) - y);
    }

    String coordinates() {
      return Svg.number(x) + " " + Svg.number(y);
    }
  }

  private static String piece(List<Dot> dots) {
    var data = new StringBuilder("M" + dots.getFirst().coordinates());
    if (dots.size() == 1) {
      return data.append("h1").toString();
    }
    int kept = 0;
    for (int i = 1; i < dots.size(); i++) {
      if (i + 1 == dots.size() || !isStraight(dots.subList(kept, i + 2))) {
        data.append("L").append(dots.get(i).coordinates());
        kept = i;
      }
    }
    return data.toString();
  }

  private static boolean isStraight(List<Dot> dots) {
    return dots.stream().allMatch(dot -> dot.from(dots.getFirst(), dots.getLast()) < STRAIGHT);
  }

  private static String colour(int index) {
    return PALETTE.get(index % PALETTE.size());
  }

  private double legendHeight(List<Answer> answers) {
    return legendLines(answers) * LEGEND_LINE;
  }

  private int legendLines(List<Answer> answers) {
    double x = 0;
    int lines = 1;
    for (var answer : answers) {
      double width = entryWidth(answer);
      if (x > 0 && x + width > box.width()) {
        x = 0;
        lines++;
      }
      x += width;
    }
    return lines;
  }

  private double entryWidth(Answer answer) {
    return Svg.width(entry(answer), SMALL) + 24;
  }

  private String entry(Answer answer) {
    return answer.legend() + "  " + panel.look().write(answer.series().last());
  }

  private void legend(List<Answer> answers, double top) {
    double x = 0;
    double y = top;
    for (int i = 0; i < answers.size(); i++) {
      double width = entryWidth(answers.get(i));
      if (x > 0 && x + width > box.width()) {
        x = 0;
        y += LEGEND_LINE;
      }
      svg.rectangle(new Box(box.x() + x, y - 5, 10, 3), colour(i), 0);
      svg.text(box.x() + x + 14, y, SMALL, Picture.INK, Anchor.START, entry(answers.get(i)));
      x += width;
    }
  }

  void states(List<Answer> answers) {
    double names =
        answers.stream().mapToDouble(a -> Svg.width(a.legend(), SMALL)).max().orElse(0) + 8;
    var plot = box.inside(names, 0, 4, 16);
    double line = plot.height() / answers.size();
    for (int i = 0; i < answers.size(); i++) {
      var row = new Box(plot.x(), plot.y() + i * line, plot.width(), Math.min(line, 44));
      svg.text(
          plot.x() - 8, row.middle() + 4, SMALL, Picture.INK, Anchor.END, answers.get(i).legend());
      states(row.inside(0, 2, 0, 2), answers.get(i).series().points());
    }
    marks(plot);
    times(plot);
  }

  private void states(Box row, List<Point> points) {
    int from = 0;
    for (int i = 1; i <= points.size(); i++) {
      boolean over =
          i == points.size()
              || points.get(i).value() != points.get(from).value()
              || points.get(i).at() - points.get(i - 1).at() > GAP_SECONDS;
      if (over) {
        boolean adjoins =
            i < points.size() && points.get(i).at() - points.get(i - 1).at() <= GAP_SECONDS;
        double end = adjoins ? points.get(i).at() : points.get(i - 1).at() + 0.5;
        state(row, points.get(from), end);
        from = i;
      }
    }
  }

  private void state(Box row, Point point, double end) {
    double left = x(row, point.at());
    double right = Math.min(row.right(), x(row, end));
    var text = panel.look().write(point.value());
    boolean rests = text.isEmpty();
    svg.rectangle(
        new Box(left, row.y(), right - left, row.height()),
        rests ? Picture.GRID : panel.look().colour(point.value()).hex(),
        0);
    if (Svg.width(text, SMALL) < right - left - 6 && row.height() > 11) {
      svg.text(left + 5, row.middle() + 4, SMALL, "#ffffff", Anchor.START, text);
    }
  }
}
