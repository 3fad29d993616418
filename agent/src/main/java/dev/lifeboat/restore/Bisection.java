package dev.lifeboat.restore;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// Which of a row of backups is asked next: all of them good up to one, and bad after it.
///
/// @param count how many, the oldest first; they are called by their places, from 0
/// @param good one that is said to be good
/// @param bad one that is said to be bad
record Bisection(int count, OptionalInt good, OptionalInt bad) {
  /// What is said of the edges is asked first: a check that is wrong about them is wrong
  /// everywhere. The newer one before the older one.
  OptionalInt next(Map<Integer, Answer> answers) {
    if (contradicted(answers).isPresent()) {
      return OptionalInt.empty();
    }
    for (OptionalInt edge : new OptionalInt[] {bad, good}) {
      if (edge.isPresent() && !answers.containsKey(edge.getAsInt())) {
        return edge;
      }
    }
    int low = newestGood(answers).orElse(-1);
    int high = oldestBad(answers).orElse(count);
    int middle = Math.floorDiv(low + high, 2);
    return IntStream.range(low + 1, high)
        .filter(place -> !answers.containsKey(place))
        .boxed()
        .min((left, right) -> Integer.compare(Math.abs(left - middle), Math.abs(right - middle)))
        .map(OptionalInt::of)
        .orElseGet(OptionalInt::empty);
  }

  /// How many are asked still, at most, if none is skipped.
  int left(Map<Integer, Answer> answers) {
    int low = newestGood(answers).orElse(good.orElse(-1));
    int high = oldestBad(answers).orElse(bad.orElse(count));
    int between =
        Math.toIntExact(
            IntStream.range(low + 1, high).filter(place -> !answers.containsKey(place)).count());
    long edges =
        IntStream.concat(good.stream(), bad.stream())
            .filter(place -> !answers.containsKey(place))
            .count();
    return Math.toIntExact(edges) + Integer.SIZE - Integer.numberOfLeadingZeros(between);
  }

  /// The edge of which the check says the opposite.
  OptionalInt contradicted(Map<Integer, Answer> answers) {
    if (bad.isPresent() && answers.get(bad.getAsInt()) == Answer.GOOD) {
      return bad;
    }
    if (good.isPresent() && answers.get(good.getAsInt()) == Answer.BAD) {
      return good;
    }
    return OptionalInt.empty();
  }

  /// As far as it is known; one that is said to be good where the check cannot tell.
  OptionalInt newestGood(Map<Integer, Answer> answers) {
    return places(answers, Answer.GOOD, good).max();
  }

  OptionalInt oldestBad(Map<Integer, Answer> answers) {
    return places(answers, Answer.BAD, bad).min();
  }

  private static IntStream places(Map<Integer, Answer> answers, Answer wanted, OptionalInt said) {
    IntStream found =
        new TreeMap<>(answers)
            .entrySet().stream()
                .filter(each -> each.getValue() == wanted)
                .mapToInt(Map.Entry::getKey);
    Optional<Answer> ofSaid =
        said.isPresent() ? Optional.ofNullable(answers.get(said.getAsInt())) : Optional.empty();
    return ofSaid.filter(Answer.SKIP::equals).isPresent()
        ? IntStream.concat(found, said.stream())
        : found;
  }
}
