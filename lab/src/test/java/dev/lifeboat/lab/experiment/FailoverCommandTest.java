package dev.lifeboat.lab.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("quick")
class FailoverCommandTest {
  @Test
  void the_median_of_an_odd_number_is_the_one_in_the_middle() {
    assertEquals(2.0, FailoverCommand.median(List.of(1.0, 2.0, 9.0)));
    assertEquals(4.0, FailoverCommand.median(List.of(4.0)));
  }

  @Test
  void the_median_of_an_even_number_is_the_mean_of_the_two_in_the_middle() {
    assertEquals(2.5, FailoverCommand.median(List.of(1.0, 2.0, 3.0, 9.0)));
  }
}
