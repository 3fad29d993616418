package dev.lifeboat.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class SamplesTest {
  private static final Metric DEPTH = Metric.gauge("sea_depth", "How deep", "sea");

  @Test
  void what_is_not_known_leaves_nothing() {
    Samples samples = new Samples();

    samples.add(DEPTH, OptionalLong.empty(), "north");
    samples.add(DEPTH, Double.NaN, "north");
    samples.add(DEPTH, Double.POSITIVE_INFINITY, "north");

    assertEquals(0, samples.snapshots().size());
  }

  @Test
  void labels_must_be_complete() {
    Samples samples = new Samples();

    assertThrows(IllegalStateException.class, () -> samples.add(DEPTH, 1));
    assertThrows(IllegalStateException.class, () -> samples.add(DEPTH, 1, "north", "south"));
  }

  @Test
  void equal_labels_twice_are_a_bug() {
    Samples samples = new Samples();
    samples.add(DEPTH, 1, "north");
    samples.add(DEPTH, 2, "north");

    assertThrows(IllegalArgumentException.class, samples::snapshots);
  }

  @Test
  void a_number_is_no_info() {
    Samples samples = new Samples();
    Metric info = Metric.info("sea_info", "Which sea", "sea");

    assertThrows(IllegalStateException.class, () -> samples.add(info, 1, "north"));
  }
}
