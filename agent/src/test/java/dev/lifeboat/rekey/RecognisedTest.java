package dev.lifeboat.rekey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.rekey.Recognised.State;
import dev.lifeboat.unseal.Share;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecognisedTest {
  private final List<Share> fresh = shares(1);
  private final List<Share> old = shares(2);

  private static List<Share> shares(int generation) {
    return FakeRekey.shares(generation, 4).stream().map(FakeRekey::share).toList();
  }

  private static String digests(List<Share> shares) {
    return Marks.of(shares).text();
  }

  @Test
  void a_mark_is_salted_and_holds_no_share() {
    String text = digests(fresh);

    assertNotEquals(text, digests(fresh));
    fresh.forEach(share -> assertFalse(text.contains(share.hex().reveal())));
    assertTrue(Marks.parse(text).allAmong(fresh));
    assertFalse(Marks.parse(text).allAmong(fresh.subList(0, 3)));
    assertFalse(Marks.parse(text).has(old.getFirst()));
    assertEquals("", Marks.parse("").text());
    assertFalse(Marks.NONE.allAmong(List.of()));
  }

  @Test
  void those_that_the_run_has_seen_are_picked_out_of_others() {
    Map<String, String> notes = Map.of("kept_digests", digests(fresh));
    List<Share> both = new ArrayList<>(old);
    both.addAll(fresh);

    assertEquals(new Recognised(State.NEW, fresh), Recognised.of(notes, both, 3));
    assertEquals(State.OTHERS, Recognised.of(notes, old, 3).state());
    assertEquals(State.OTHERS, Recognised.of(notes, fresh.subList(0, 2), 3).state());
  }

  @Test
  void of_those_that_nobody_has_seen_the_old_ones_are_known() {
    Map<String, String> notes = Map.of("kept_digests", "", "old_digests", digests(old));

    assertEquals(new Recognised(State.UNKNOWN, fresh), Recognised.of(notes, fresh, 3));
    assertEquals(State.OTHERS, Recognised.of(notes, old, 3).state());
    assertEquals(State.UNKNOWN, Recognised.of(Map.of(), old, 3).state());
  }
}
