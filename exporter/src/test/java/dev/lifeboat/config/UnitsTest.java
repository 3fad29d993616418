package dev.lifeboat.config;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Sizes, durations and secrets, as they print themselves.
class UnitsTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1023, 1023 B",
    "1024, 1 KiB",
    "1536, 1.5 KiB",
    "67108864, 64 MiB",
    "1125899906842624, 1 PiB",
    "9223372036854775807, 8 EiB"
  })
  void a_size_is_told_in_the_largest_unit_that_fits(long bytes, String text) {
    assertEquals(text, new ByteSize(bytes).toString());
  }

  @Test
  void a_size_is_never_negative_and_has_an_order() {
    assertThrows(IllegalArgumentException.class, () -> new ByteSize(-1));
    assertTrue(new ByteSize(1).compareTo(ByteSize.mebibytes(1)) < 0);
  }

  @ParameterizedTest
  @CsvSource({
    "PT0S, 0s",
    "PT0.25S, 250ms",
    "PT90S, 90s",
    "PT2M, 2m",
    "PT48H, 2d",
    "PT3H, 3h",
    "PT61M, 61m"
  })
  void a_duration_is_told_as_one_would_write_it(Duration duration, String text) throws Exception {
    assertEquals(text, Quantity.text(duration));
    assertEquals(duration, Quantity.duration(text));
  }

  @Test
  void secrets_of_one_value_are_one_and_never_print_it() {
    var secret = new Secret("grün");

    assertEquals(1, new HashSet<>(List.of(new Secret("grün"), secret)).size());
    assertArrayEquals("grün".getBytes(StandardCharsets.UTF_8), secret.revealBytes());
    assertEquals("***", secret.toString());
  }
}
