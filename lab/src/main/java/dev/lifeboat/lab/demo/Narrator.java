package dev.lifeboat.lab.demo;

import dev.lifeboat.lab.Checkout;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/// What the demo tells its audience: numbered steps, each with what was done, the command that does
/// the same, and what was proven.
final class Narrator {
  private static final String INDENT = "   ";

  private final PrintStream out;
  private final long began = System.nanoTime();
  private int step;

  Narrator(PrintStream out) {
    this.out = out;
  }

  void open(String title) {
    out.println(title);
  }

  void step(String title) {
    step++;
    out.printf(Locale.ROOT, "%n%d  %s  (%.1f s)%n", step, title, seconds());
  }

  void says(String text) {
    lines(text);
  }

  /// A command that a user would type, here with the demo's own configuration.
  void command(List<String> arguments) {
    var root = Checkout.root() + "/";
    var line = String.join(" ", arguments).replace(root, "");
    out.println(INDENT + "$ ./lifeboat " + line);
  }

  /// Output of a command, as it is.
  void shows(String text) {
    text.strip().lines().forEach(line -> out.println(INDENT + "  | " + line));
  }

  void proven(String text) {
    lines("proven: " + text);
  }

  void failed(String message) {
    out.println();
    lines("not proven: " + message);
  }

  double seconds() {
    return (System.nanoTime() - began) / 1e9;
  }

  private void lines(String text) {
    text.lines().forEach(line -> out.println(INDENT + line));
  }
}
