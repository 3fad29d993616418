package dev.lifeboat.lab.dashboards;

import java.util.Locale;

/// An SVG document that is being written.
final class Svg {
  /// Of a letter, as a part of the font's size; no font is known here.
  private static final double LETTER = 0.56;

  private final StringBuilder body = new StringBuilder();

  /// A part of the document.
  record Box(double x, double y, double width, double height) {
    Box inside(double left, double top, double right, double bottom) {
      return new Box(x + left, y + top, width - left - right, height - top - bottom);
    }

    double right() {
      return x + width;
    }

    double bottom() {
      return y + height;
    }

    double middle() {
      return y + height / 2;
    }
  }

  /// Where a text ends that is written at a place.
  enum Anchor {
    START,
    MIDDLE,
    END
  }

  void rectangle(Box box, String fill, double corner) {
    body.append("<rect x=\"%s\" y=\"%s\"".formatted(number(box.x()), number(box.y())))
        .append(" width=\"%s\" height=\"%s\"".formatted(number(box.width()), number(box.height())))
        .append(corner > 0 ? " rx=\"" + number(corner) + "\"" : "")
        .append(" fill=\"" + fill + "\"/>\n");
  }

  /// @param style more attributes
  void line(double x1, double y1, double x2, double y2, String stroke, String style) {
    body.append(
        "<path d=\"M%s %sL%s %s\" stroke=\"%s\" %s/>\n"
            .formatted(number(x1), number(y1), number(x2), number(y2), stroke, style));
  }

  void path(String data, String stroke) {
    body.append("<path d=\"" + data + "\" fill=\"none\" stroke=\"" + stroke + "\"")
        .append(" stroke-width=\"1.5\" stroke-linejoin=\"round\"/>\n");
  }

  void text(double x, double y, double size, String fill, Anchor anchor, String text) {
    text(x, y, size, fill, anchor, "", text);
  }

  void bold(double x, double y, double size, String fill, Anchor anchor, String text) {
    text(x, y, size, fill, anchor, " font-weight=\"600\"", text);
  }

  private void text(
      double x, double y, double size, String fill, Anchor anchor, String weight, String text) {
    if (text.isEmpty()) {
      return;
    }
    var where = anchor == Anchor.START ? "" : anchor.name().toLowerCase(Locale.ROOT);
    body.append("<text x=\"%s\" y=\"%s\"".formatted(number(x), number(y)))
        .append(" font-size=\"" + number(size) + "\" fill=\"" + fill + "\"" + weight)
        .append(where.isEmpty() ? "" : " text-anchor=\"" + where + "\"")
        .append(">" + escaped(text) + "</text>\n");
  }

  static double width(String text, double size) {
    return text.length() * size * LETTER;
  }

  static double boldWidth(String text, double size) {
    return width(text, size) * 1.15;
  }

  /// As much of a text as there is room for.
  static String cut(String text, double size, double room) {
    int letters = (int) (room / (size * LETTER));
    return text.length() <= letters
        ? text
        : text.substring(0, Math.max(0, Math.min(text.length(), letters - 1))) + "…";
  }

  String document(double width, double height, String background) {
    return """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$s %2$s" width="%1$s" height="%2$s" \
    font-family="Helvetica, Arial, sans-serif">
    <rect width="%1$s" height="%2$s" fill="%3$s"/>
    """
            .formatted(number(width), number(height), background)
        + body
        + "</svg>\n";
  }

  static String number(double value) {
    double tenths = Math.round(value * 10) / 10.0;
    return tenths == Math.rint(tenths)
        ? Long.toString(Math.round(tenths))
        : Double.toString(tenths);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
