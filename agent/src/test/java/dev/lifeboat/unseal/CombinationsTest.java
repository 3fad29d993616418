package dev.lifeboat.unseal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class CombinationsTest {
  @Test
  void every_one_comes_once_and_the_first_ones_together_first() {
    List<List<Integer>> made = Combinations.of(List.of(1, 2, 3, 4, 5), 3, 100);

    assertEquals(10, made.size());
    assertEquals(10, new HashSet<>(made).size());
    assertEquals(List.of(1, 2, 3), made.getFirst());
    assertEquals(List.of(3, 4, 5), made.getLast());
  }

  @Test
  void there_are_never_more_than_are_wanted() {
    assertEquals(7, Combinations.of(List.of(1, 2, 3, 4, 5), 3, 7).size());
    assertEquals(List.of(List.of(1)), Combinations.of(List.of(1), 1, 7));
  }
}
