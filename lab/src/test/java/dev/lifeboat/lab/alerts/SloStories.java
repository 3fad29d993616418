package dev.lifeboat.lab.alerts;

import static dev.lifeboat.lab.alerts.Healthy.on;

import java.util.List;
import java.util.stream.Stream;

/// What the rules of `slo.yaml` are for. All agents send 300 requests a step, and `b` alone sees
/// failures.
final class SloStories {
  private static final String FAILURES = on("vault_probe_failures_total", "b", "reason", "timeout");
  private static final String FAST = "VaultErrorBudgetBurnsFast";
  private static final String SLOW = "VaultErrorBudgetBurnsSlowly";

  private SloStories() {}

  /// Failures of a thousand, for so many steps.
  private record Spell(double ofAThousand, int steps) {}

  private static String values(Spell quiet, Spell... spells) {
    StringBuilder values = new StringBuilder();
    double count = 0;
    for (Spell spell : Stream.concat(Stream.of(quiet), Stream.of(spells)).toList()) {
      double growth = spell.ofAThousand() * 0.3;
      values.append("%.4f+%.4fx%d ".formatted(count + growth, growth, spell.steps() - 1));
      count += growth * spell.steps();
    }
    return values.toString().strip();
  }

  /// After seven hours without a failure.
  private static Story hours(String title, int hours, Spell... spells) {
    return Story.ofHours(title, 7 + hours).values(FAILURES, values(new Spell(0, 7 * 30), spells));
  }

  /// After four days without a failure.
  private static Story days(String title, int days, Spell... spells) {
    return Story.ofDays(title, 4 + days).values(FAILURES, values(new Spell(0, 4 * 288), spells));
  }

  static List<Story> all() {
    return List.of(
        Story.ofMinutes("all that one agent sends fails", 20)
            .values(FAILURES, "0x39 100+100x39")
            .first("13m15s", FAST),
        hours("two in a hundred fail", 1, new Spell(20, 30)).first("7h48m", FAST),
        hours("a little too many fail", 2, new Spell(15, 60)).first("8h2m", FAST),
        hours("many failed and now fewer do", 1, new Spell(100, 10), new Spell(13.6, 20))
            .at("7h20m", FAST)
            .at("7h30m"),
        hours("a few fail for hours", 7, new Spell(6.3, 210))
            .at("12h46m", SLOW)
            .at("12h48m", FAST, SLOW),
        hours("many failed for an hour and a few do now", 2, new Spell(50, 30), new Spell(5.7, 30))
            .at("8h30m", FAST, SLOW)
            .at("8h32m", SLOW),
        days("somewhat too many fail for days", 4, new Spell(1.05, 4 * 288))
            .first("6d21h35m", SLOW),
        days("many failed for hours, and still some do", 2, new Spell(12, 84), new Spell(0.95, 492))
            .at("4d7h", FAST, SLOW)
            .at("4d12h55m", SLOW)
            .at("4d13h"));
  }
}
