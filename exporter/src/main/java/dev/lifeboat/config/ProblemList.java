package dev.lifeboat.config;

import com.typesafe.config.ConfigOrigin;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The mistakes found so far in one file.
final class ProblemList {
  private final String file;
  private final List<Located> found = new ArrayList<>();

  private record Located(int line, Problem problem) {}

  ProblemList(String file) {
    this.file = file;
  }

  boolean isEmpty() {
    return found.isEmpty();
  }

  void add(@Nullable ConfigOrigin origin, String key, String message, String hint) {
    int line = origin == null ? -1 : origin.lineNumber();
    found.add(
        new Located(line, new Problem(line > 0 ? file + ":" + line : file, key, message, hint)));
  }

  /// By line; what has none comes first, as it concerns the whole file. A key that was read twice
  /// is told once.
  List<Problem> sorted() {
    return found.stream()
        .distinct()
        .sorted(Comparator.comparingInt(Located::line))
        .map(Located::problem)
        .toList();
  }
}
