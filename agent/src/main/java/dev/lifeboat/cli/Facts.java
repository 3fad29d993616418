package dev.lifeboat.cli;

import dev.lifeboat.status.Printable;
import java.util.ArrayList;
import java.util.List;

/// A heading and, indented beneath it, named facts with their values in one column.
final class Facts {
  private record Fact(String name, String value) {}

  private final String heading;
  private final List<Fact> facts = new ArrayList<>();

  Facts(String heading) {
    this.heading = Printable.of(heading);
  }

  Facts add(String name, String value) {
    facts.add(new Fact(Printable.of(name), Printable.of(value)));
    return this;
  }

  @Override
  public String toString() {
    int width = facts.stream().mapToInt(fact -> fact.name().length()).max().orElse(0);
    StringBuilder text = new StringBuilder(heading).append('\n');
    for (Fact fact : facts) {
      text.append("  ")
          .append(fact.name())
          .append(" ".repeat(width - fact.name().length() + 2))
          .append(fact.value())
          .append('\n');
    }
    return text.toString();
  }
}
