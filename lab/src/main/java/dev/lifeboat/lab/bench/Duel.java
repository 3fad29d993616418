package dev.lifeboat.lab.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;

/// Two ways of doing the same, measured in turn, so that whatever else happens on the machine
/// happens to both.
///
/// @param ours one measurement, in seconds
/// @param theirs the same
record Duel(DoubleSupplier ours, DoubleSupplier theirs) {
  private static final Duration PAUSE = Duration.ofSeconds(1);

  record Times(List<Double> ours, List<Double> theirs) {
    Times {
      ours = List.copyOf(ours);
      theirs = List.copyOf(theirs);
    }
  }

  /// @param warmUps measured like the others and thrown away
  Times run(int warmUps, int runs) {
    var first = new ArrayList<Double>();
    var second = new ArrayList<Double>();
    for (int run = -warmUps; run < runs; run++) {
      Workbench.settle(PAUSE);
      double our = ours.getAsDouble();
      Workbench.settle(PAUSE);
      double their = theirs.getAsDouble();
      if (run >= 0) {
        first.add(our);
        second.add(their);
      }
    }
    return new Times(first, second);
  }
}
