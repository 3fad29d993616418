package dev.lifeboat.lab.dashboards;

import dev.lifeboat.lab.dashboards.Picture.Answer;
import dev.lifeboat.lab.dashboards.Svg.Anchor;
import dev.lifeboat.lab.dashboards.Svg.Box;
import java.util.List;

/// Single values in a picture: tiles and bars.
final class Tiles {
  private static final double VALUE_MOST = 30;
  private static final double NAME = 11;

  private Tiles() {}

  static void stat(Svg svg, Box box, Panel panel, List<Answer> answers) {
    double width = box.width() / answers.size();
    for (int i = 0; i < answers.size(); i++) {
      var answer = answers.get(i);
      var tile =
          new Box(
              box.x() + i * width, box.y(), width - (i + 1 < answers.size() ? 6 : 0), box.height());
      double value = answer.series().last();
      boolean coloured = panel.look().coloured();
      if (coloured) {
        svg.rectangle(tile, panel.look().colour(value).hex(), 3);
      }
      var ink = coloured ? "#ffffff" : Picture.INK;
      var text = panel.look().write(value);
      boolean named = panel.named() || answers.size() > 1;
      double size = Math.min(VALUE_MOST, (tile.width() - 12) / Math.max(1, Svg.boldWidth(text, 1)));
      double middle = tile.x() + tile.width() / 2;
      svg.bold(middle, tile.middle() + (named ? 2 : size / 3), size, ink, Anchor.MIDDLE, text);
      if (named) {
        var name = Svg.cut(answer.legend(), 13, tile.width() - 8);
        svg.text(middle, tile.middle() + 22, 13, ink, Anchor.MIDDLE, name);
      }
    }
  }

  static void bars(Svg svg, Box box, Panel panel, List<Answer> answers) {
    double most = answers.stream().mapToDouble(answer -> answer.series().last()).max().orElse(0);
    double line = Math.min(30, box.height() / answers.size());
    double names = box.width() * 0.38;
    double room = box.width() - names - 70;
    for (int i = 0; i < answers.size(); i++) {
      var answer = answers.get(i);
      double value = answer.series().last();
      double y = box.y() + i * line;
      svg.text(
          box.x(),
          y + line / 2 + 4,
          NAME,
          Picture.INK,
          Anchor.START,
          Svg.cut(answer.legend(), NAME, names - 4));
      double length = most > 0 ? Math.max(1, room * value / most) : 1;
      var colour = panel.look().coloured() ? panel.look().colour(value) : Colour.BLUE;
      svg.rectangle(new Box(box.x() + names, y + 4, length, line - 8), colour.hex(), 2);
      svg.text(
          box.x() + names + length + 6,
          y + line / 2 + 4,
          NAME,
          Picture.INK,
          Anchor.START,
          panel.look().write(value));
    }
  }
}
