package dev.lifeboat.unseal;

import java.util.ArrayList;
import java.util.List;

/// Every way to take some of a few.
public final class Combinations {
  private Combinations() {}

  /// In the order of the list: the first ones together come first.
  ///
  /// @param max at most so many are made
  public static <T> List<List<T>> of(List<T> all, int size, int max) {
    List<List<T>> made = new ArrayList<>();
    extend(all, size, max, 0, new ArrayList<>(), made);
    return made;
  }

  private static <T> void extend(
      List<T> all, int size, int max, int from, List<T> begun, List<List<T>> made) {
    if (begun.size() == size) {
      made.add(List.copyOf(begun));
      return;
    }
    for (int index = from; index < all.size() && made.size() < max; index++) {
      begun.addLast(all.get(index));
      extend(all, size, max, index + 1, begun, made);
      begun.removeLast();
    }
  }
}
