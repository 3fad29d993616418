package dev.lifeboat.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lifeboat.vault.VaultException.Reason;
import org.junit.jupiter.api.Test;

class VaultExceptionTest {
  @Test
  void a_message_is_a_sentence_and_perhaps_a_hint() {
    var hinted = new VaultException(Reason.TLS, "it failed\nhint: do this\nand that");
    var plain = new VaultException(Reason.TLS, "it failed");

    assertEquals("it failed", hinted.sentence());
    assertEquals("do this\nand that", hinted.hint());
    assertEquals("it failed", plain.sentence());
    assertEquals("", plain.hint());
  }
}
