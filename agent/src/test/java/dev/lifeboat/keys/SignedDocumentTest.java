package dev.lifeboat.keys;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.keys.KeyException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SignedDocumentTest {
  private final SigningKey key = SigningKey.generate("node-1");
  private final SigningKey former = SigningKey.generate("node-0");
  private final TrustedSigners trusted = TrustedSigners.of(List.of(former.signer(), key.signer()));
  private final byte[] content = bytes("{\n  \"type\" : \"lifeboat-manifest/1\"\n}\n");
  private final byte[] document = key.sign(content);

  @Test
  void a_signed_document_opens_to_its_content_and_signer() {
    TrustedSigners.Opened opened = trusted.open(document);

    assertArrayEquals(content, opened.content());
    assertEquals(key.signer(), opened.signer());
    assertEquals(former.signer(), trusted.open(former.sign(content)).signer());
    assertArrayEquals(content, TrustedSigners.contentUnchecked(document));
    assertEquals(List.of(former.signer(), key.signer()), trusted.all());
    String text = new String(document, StandardCharsets.UTF_8);
    assertTrue(
        text.matches(
            "(?s)\\{.*}\n-- lifeboat-signature-1 " + key.signer().id() + " [A-Za-z0-9+/]{86}==\n"),
        text);
  }

  @Test
  void every_flipped_bit_is_noticed() {
    for (int at = 0; at < document.length; at++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] changed = document.clone();
        changed[at] ^= (byte) (1 << bit);
        Reason reason = refuse(changed);
        assertNotSame(Reason.WRONG_KEY, reason);
        if (at < content.length - 1) {
          assertSame(Reason.BAD_SIGNATURE, reason, "at " + at);
        }
      }
    }
  }

  @Test
  void every_cut_and_every_addition_is_noticed() {
    for (int length = 0; length < document.length; length++) {
      assertSame(Reason.BAD_DOCUMENT, refuse(Arrays.copyOf(document, length)));
    }
    String text = new String(document, StandardCharsets.UTF_8);
    String line = text.substring(content.length);
    for (String other :
        List.of(
            text + "\n",
            text + " ",
            text + line,
            text.replace("==\n", "==\r\n"),
            text.replace("-1 " + key.signer().id(), "-1  " + key.signer().id()),
            text.replace("signature-1", "signature-2"),
            line,
            "{}")) {
      assertSame(Reason.BAD_DOCUMENT, refuse(bytes(other)), other);
    }
    assertSame(Reason.BAD_SIGNATURE, refuse(bytes("\n" + text)));
    assertSame(Reason.BAD_DOCUMENT, refuse(new byte[SignedDocument.DOCUMENT_BYTES_MAX + 1]));
  }

  @Test
  void a_signer_that_is_not_pinned_is_unknown_whatever_it_calls_itself() {
    SigningKey stranger = SigningKey.generate("node-1");
    byte[] forged = stranger.sign(content);
    assertSame(Reason.UNKNOWN_SIGNER, refuse(forged));

    String renamed =
        new String(forged, StandardCharsets.UTF_8)
            .replace(stranger.signer().id(), key.signer().id());
    assertSame(Reason.BAD_SIGNATURE, refuse(bytes(renamed)));
  }

  @Test
  void what_cannot_be_a_document_is_not_signed() {
    assertThrows(IllegalArgumentException.class, () -> key.sign(new byte[0]));
    assertThrows(IllegalArgumentException.class, () -> key.sign(bytes("{}")));
    assertThrows(IllegalArgumentException.class, () -> key.sign(document));
    assertThrows(IllegalArgumentException.class, () -> key.sign(lines(3 << 20)));
  }

  private static byte[] lines(int length) {
    byte[] lines = new byte[length];
    Arrays.fill(lines, (byte) '\n');
    return lines;
  }

  private Reason refuse(byte[] bad) {
    return assertThrows(KeyException.class, () -> trusted.open(bad)).reason();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
