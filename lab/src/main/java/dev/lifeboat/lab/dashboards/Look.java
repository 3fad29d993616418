package dev.lifeboat.lab.dashboards;

import java.util.List;

/// How the values of a panel, or of a column of a table, are read.
///
/// @param base the colour of what is below every step
/// @param absent what stands there when there is no value: absent is not known, never zero
record Look(Unit unit, Colour base, List<Step> steps, List<Meaning> meanings, String absent) {
  static final Look PLAIN = of(Unit.NONE);

  Look {
    steps = List.copyOf(steps);
    meanings = List.copyOf(meanings);
  }

  /// Without a colour.
  static Look of(Unit unit) {
    return new Look(unit, Colour.TEXT, List.of(), List.of(), "not known");
  }

  /// Green below, then as the steps say.
  static Look rising(Unit unit, double orange, double red) {
    return of(unit).stepped(Colour.GREEN, new Step(orange, Colour.ORANGE), step(red));
  }

  /// Zero is good, everything above is not.
  static Look none() {
    return of(Unit.NONE).stepped(Colour.GREEN, step(1));
  }

  /// Too little is bad.
  static Look falling(Unit unit, double orange, double green) {
    return of(unit)
        .stepped(Colour.RED, new Step(orange, Colour.ORANGE), new Step(green, Colour.GREEN));
  }

  /// 1 is good and 0 is not.
  static Look good(String good, String bad) {
    return of(Unit.NONE)
        .meaning(new Meaning(1, good, Colour.GREEN), new Meaning(0, bad, Colour.RED));
  }

  private static Step step(double red) {
    return new Step(red, Colour.RED);
  }

  Look stepped(Colour newBase, Step... newSteps) {
    return new Look(unit, newBase, List.of(newSteps), meanings, absent);
  }

  Look meaning(Meaning... newMeanings) {
    return new Look(unit, base, steps, List.of(newMeanings), absent);
  }

  Look absent(String newAbsent) {
    return new Look(unit, base, steps, meanings, newAbsent);
  }

  /// What a picture writes for a value.
  String write(double value) {
    return meanings.stream()
        .filter(meaning -> meaning.value() == value)
        .map(Meaning::text)
        .findFirst()
        .orElseGet(() -> unit.write(value));
  }

  Colour colour(double value) {
    for (var meaning : meanings) {
      if (meaning.value() == value) {
        return meaning.colour();
      }
    }
    var colour = base;
    for (var step : steps) {
      colour = value >= step.from() ? step.colour() : colour;
    }
    return colour;
  }

  boolean coloured() {
    return !steps.isEmpty() || !meanings.isEmpty();
  }
}
