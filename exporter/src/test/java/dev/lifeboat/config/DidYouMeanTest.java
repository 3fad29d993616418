package dev.lifeboat.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DidYouMeanTest {
  @ParameterizedTest
  @CsvSource({
    "retension, did you mean 'retention'?",
    "tkoen, did you mean 'token'?",
    "adress, did you mean 'address'?",
    "ca-flie, did you mean 'ca-file'?",
    "colour, ''",
    "x, ''",
    "t, ''"
  })
  void a_slip_is_recognised_and_another_word_is_not(String found, String hint) {
    List<String> known = List.of("retention", "token", "address", "ca-file", "a");

    assertEquals(hint, DidYouMean.hint(found, known));
  }

  @ParameterizedTest
  @CsvSource({"'', '', 0", "abc, abc, 0", "abc, '', 3", "abcd, acbd, 1", "kitten, sitting, 3"})
  void distance_counts_edits(String a, String b, int edits) {
    assertEquals(edits, DidYouMean.distance(a, b));
  }
}
