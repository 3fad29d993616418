package dev.lifeboat.raftlog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HexFormat;
import java.util.OptionalLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessagePackMapTest {
  private static OptionalLong term(String hex) {
    return MessagePackMap.number(HexFormat.of().parseHex(hex.replace(" ", "")), "Term");
  }

  /// `A`: a value of each type; then `Term` 7.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "05",
        "ff",
        "c0",
        "c2",
        "c3",
        "80",
        "8101c0",
        "9101",
        "a161",
        "c40161",
        "c5000161",
        "c60000000161",
        "c7010561",
        "c800010561",
        "c9000000010561",
        "ca00000000",
        "cb0000000000000000",
        "cc01",
        "cd0001",
        "ce00000001",
        "cf0000000000000001",
        "d001",
        "d10001",
        "d200000001",
        "d30000000000000001",
        "d40561",
        "d5056162",
        "d60561626364",
        "d7056162636465666768",
        "d80561626364656667686162636465666768",
        "d90161",
        "da000161",
        "db0000000161",
        "dc000105",
        "dd0000000105",
        "de000105c0",
        "df0000000105c0"
      })
  void a_value_of_any_type_is_skipped(String value) {
    assertEquals(OptionalLong.of(7), term("82 a141 " + value + " a45465726d 07"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"07", "cc07", "cd0007", "ce00000007", "cf0000000000000007", "d007", "d10007"})
  void a_number_of_any_size_is_read(String number) {
    assertEquals(OptionalLong.of(7), term("81 a45465726d " + number));
    assertEquals(OptionalLong.of(7), term("de0001 d90454 65726d " + number));
    assertEquals(OptionalLong.of(7), term("df00000001 da0004 5465726d " + number));
    assertEquals(OptionalLong.of(7), term("81 db00000004 5465726d " + number));
  }

  @ParameterizedTest
  @ValueSource(strings = {"80", "81 a141 07", "81 a45465726d a161"})
  void a_map_without_the_number_has_none(String hex) {
    assertEquals(OptionalLong.empty(), term(hex));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a161",
        "81",
        "81 a4",
        "81 07",
        "82 a141 c1 a45465726d 07",
        "81 a45465726d cf",
        "82 a141 c409 61",
        "81 dbffffffff"
      })
  void what_is_cut_or_no_map_is_said(String hex) {
    assertThrows(RaftLogException.class, () -> term(hex));
  }
}
