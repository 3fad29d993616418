package dev.lifeboat.rekey;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShapeTest {
  @ParameterizedTest
  @CsvSource({
    "5, 3, ''",
    "1, 1, ''",
    "0, 1, '1 to 255 shares can be made, not 0'",
    "256, 3, '1 to 255 shares can be made, not 256'",
    "3, 4, 'of 3 shares 1 to 3 can be needed, not 4'",
    "3, 0, 'of 3 shares 1 to 3 can be needed, not 0'",
    "3, 1, 'a key of which one share is enough is not split: 1 of 1, or a threshold from 2'"
  })
  void what_no_server_splits_is_told(int shares, int threshold, String objection) {
    assertEquals(objection, new Shape(shares, threshold).objection());
  }
}
