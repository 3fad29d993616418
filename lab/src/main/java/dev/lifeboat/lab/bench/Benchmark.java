package dev.lifeboat.lab.bench;

import java.util.List;

/// One thing that is measured.
interface Benchmark {
  /// How it is called on the command line.
  String name();

  /// How often it measures when nobody says otherwise.
  int defaultRuns();

  List<Finding> run(Workbench workbench, int runs);
}
