package dev.lifeboat.lab.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("quick")
class SamplesTest {
  @Test
  void the_median_is_the_middle_one_of_an_odd_number() {
    assertEquals(2, samples(9, 1, 2).median());
  }

  @Test
  void the_median_is_the_mean_of_the_two_in_the_middle_of_an_even_number() {
    assertEquals(2.5, samples(9, 1, 3, 2).median());
  }

  @Test
  void a_single_sample_is_median_and_every_percentile_and_prints_no_range() {
    var one = samples(4);

    assertEquals(4, one.median());
    assertEquals(4, one.percentile(1));
    assertEquals(4, one.percentile(100));
    assertEquals("4.00 s", one.text());
  }

  @Test
  void percentiles_are_those_of_the_nearest_rank() {
    var hundred =
        new Samples(
            "all",
            Unit.SECONDS,
            IntStream.rangeClosed(1, 100).mapToObj(value -> (double) value).toList());

    assertEquals(50, hundred.percentile(50));
    assertEquals(99, hundred.percentile(99));
    assertEquals(100, hundred.percentile(100));
    assertThrows(IllegalArgumentException.class, () -> hundred.percentile(0));
  }

  @Test
  void several_print_their_range() {
    assertEquals("2.00 s (1.00–9.00)", samples(9, 1, 2).text());
  }

  @Test
  void nothing_measured_is_a_bug() {
    assertThrows(IllegalArgumentException.class, SamplesTest::samples);
  }

  static Samples samples(double... values) {
    return new Samples("something", Unit.SECONDS, Arrays.stream(values).boxed().toList());
  }
}
