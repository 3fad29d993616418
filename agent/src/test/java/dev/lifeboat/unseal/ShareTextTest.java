package dev.lifeboat.unseal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.unseal.Share.Kind;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShareTextTest {
  private static final String ONE = share(1);
  private static final String TWO = share(2);

  /// In base64, as both products print it.
  static String share(int number) {
    byte[] bytes = new byte[33];
    java.util.Arrays.fill(bytes, (byte) number);
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static String hex(int number) {
    return HexFormat.of().formatHex(Base64.getDecoder().decode(share(number)));
  }

  private static List<String> read(String text) {
    return ShareText.read(text, "f").stream().map(each -> each.hex().reveal()).toList();
  }

  @Test
  void one_share_a_line_in_base64_or_hex_between_comments_and_blank_lines() {
    String text =
        "# of Ann\n%s\n\n  %s  \n".formatted(ONE, hex(2).toUpperCase(java.util.Locale.ROOT));

    assertEquals(List.of(hex(1), hex(2)), read(text));
  }

  @Test
  void what_operator_init_prints_without_the_root_token() {
    String text =
        """
        Unseal Key 1: %s
        Unseal Key 2: %s

        Initial Root Token: s.RootTokenRootTokenRoot

        Vault initialized with 2 key shares and a key threshold of 2.
        """
            .formatted(ONE, TWO);

    List<Share> shares = ShareText.read(text, "init.txt");

    assertEquals(List.of(hex(1), hex(2)), shares.stream().map(s -> s.hex().reveal()).toList());
    assertEquals(Kind.UNSEAL, shares.getFirst().kind());
    assertEquals("init.txt key 2", shares.getLast().toString());
  }

  @Test
  void a_key_that_was_never_split_has_a_byte_less() {
    String whole = Base64.getEncoder().encodeToString(new byte[32]);

    assertEquals(1, read("Unseal Key 1: " + whole).size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"unseal_keys_b64\":[\"%s\",\"%s\"],\"unseal_keys_hex\":[\"x\"],\"root_token\":\"s.x\"}",
        "{\"keys\":[],\"keys_base64\":[\"%s\",\"%s\"],\"root_token\":\"s.x\"}",
        "{\"data\":{\"keys_base64\":[\"%s\",\"%s\"]}}",
        "{\"key1\":\"%s\",\"key2\":\"%s\",\"root_token\":\"s.x\"}",
        "[\"%s\",\"%s\"]"
      })
  void every_shape_of_json_that_people_keep(String json) {
    assertEquals(List.of(hex(1), hex(2)), read(json.formatted(ONE, TWO)));
  }

  @Test
  void recovery_keys_are_told_from_unseal_keys() {
    String json = "{\"recovery_keys_base64\":[\"%s\"],\"keys_base64\":[]}".formatted(ONE);
    String printed = "Recovery Key 1: %s\n".formatted(ONE);

    assertEquals(Kind.RECOVERY, ShareText.read(json, "f").getFirst().kind());
    assertEquals(Kind.RECOVERY, ShareText.read(printed, "f").getFirst().kind());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  \n",
        "# nothing",
        "not-a-share-but-a-secret",
        "{\"a\":\"secret-of-b\"}",
        "{secret",
        "[\"secret\"]",
        "Unseal Key 1: secret",
        "{\"keys\":[\"secret\"]}"
      })
  void what_is_no_share_is_refused_and_never_quoted(String text) {
    UnsealException refused =
        assertThrows(UnsealException.class, () -> ShareText.read(text, "/mnt/f"));

    String message = String.valueOf(refused.getMessage());
    assertTrue(message.startsWith("/mnt/f"), message);
    assertFalse(message.contains("secret"), message);
    assertTrue(message.contains("\nhint: a share has 44 characters"), message);
  }

  @Test
  void a_share_that_lost_a_character_is_said_with_its_line_and_length() {
    String text = ONE + "\n" + TWO.substring(1);

    UnsealException refused =
        assertThrows(UnsealException.class, () -> ShareText.read(text, "/mnt/f"));

    String message = String.valueOf(refused.getMessage());
    assertTrue(
        message.startsWith("/mnt/f line 2 is no share of an unseal key: it has 43 characters"),
        message);
  }

  @Test
  void a_share_prints_where_it_is_from_and_not_itself() {
    Share share = ShareText.read(ONE, "f").getFirst();

    assertFalse(("" + share + List.of(share)).contains(hex(1)));
  }
}
