package dev.lifeboat.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Which backup is asked next.
class BisectionTest {
  private static final OptionalInt NONE = OptionalInt.empty();

  private static OptionalInt at(int place) {
    return OptionalInt.of(place);
  }

  /// Asks until there is nothing to ask.
  private static Map<Integer, Answer> answered(
      Bisection bisection, int newestGood, Set<Integer> untold, List<Integer> asked) {
    Map<Integer, Answer> answers = new TreeMap<>();
    for (OptionalInt next = bisection.next(answers);
        next.isPresent();
        next = bisection.next(answers)) {
      int place = next.getAsInt();
      assertTrue(!answers.containsKey(place), "asked twice: " + place);
      asked.add(place);
      Answer answer = place <= newestGood ? Answer.GOOD : Answer.BAD;
      answers.put(place, untold.contains(place) ? Answer.SKIP : answer);
    }
    return answers;
  }

  @Test
  void finds_every_boundary_in_every_row_with_as_few_as_it_says() {
    for (int count = 1; count <= 40; count++) {
      Bisection bisection = new Bisection(count, NONE, NONE);
      int most = bisection.left(Map.of());
      assertEquals((int) Math.ceil(Math.log(count + 1) / Math.log(2)), most);
      for (int newestGood = -1; newestGood < count; newestGood++) {
        List<Integer> asked = new ArrayList<>();
        Map<Integer, Answer> answers = answered(bisection, newestGood, Set.of(), asked);

        assertTrue(asked.size() <= most, count + ", " + newestGood + ": " + asked);
        assertEquals(newestGood, bisection.newestGood(answers).orElse(-1));
        assertEquals(newestGood + 1, bisection.oldestBad(answers).orElse(count));
        assertEquals(0, bisection.left(answers));
      }
    }
  }

  @Test
  void what_is_said_of_the_edges_is_asked_first() {
    Bisection bisection = new Bisection(10, at(2), at(8));
    List<Integer> asked = new ArrayList<>();

    Map<Integer, Answer> answers = answered(bisection, 4, Set.of(), asked);

    assertEquals(List.of(8, 2), asked.subList(0, 2));
    assertTrue(asked.size() <= 5 && bisection.left(Map.of()) == 5, asked.toString());
    assertEquals(at(4), bisection.newestGood(answers));
    assertEquals(NONE, bisection.contradicted(answers));
  }

  @Test
  void an_edge_that_is_not_what_it_was_said_to_be_ends_it() {
    Bisection bisection = new Bisection(10, at(2), at(8));
    List<Integer> asked = new ArrayList<>();

    assertEquals(at(8), bisection.contradicted(answered(bisection, 9, Set.of(), asked)));
    assertEquals(at(2), bisection.contradicted(answered(bisection, 1, Set.of(), asked)));
    assertEquals(List.of(8, 8, 2), asked);
  }

  @Test
  void those_that_cannot_be_told_are_passed_over() {
    Bisection bisection = new Bisection(7, NONE, NONE);
    Map<Integer, Answer> answers = answered(bisection, 2, Set.of(2, 3), new ArrayList<>());

    assertEquals(at(1), bisection.newestGood(answers));
    assertEquals(at(4), bisection.oldestBad(answers));
  }

  @Test
  void of_an_edge_that_cannot_be_told_the_word_is_taken() {
    Bisection bisection = new Bisection(5, at(0), at(4));
    Map<Integer, Answer> answers = answered(bisection, 2, Set.of(0, 4), new ArrayList<>());

    assertEquals(at(2), bisection.newestGood(answers));
    assertEquals(at(3), bisection.oldestBad(answers));
    Map<Integer, Answer> none =
        answered(new Bisection(2, at(0), at(1)), 0, Set.of(0, 1), new ArrayList<>());
    assertEquals(at(1), new Bisection(2, at(0), at(1)).oldestBad(none));
  }
}
