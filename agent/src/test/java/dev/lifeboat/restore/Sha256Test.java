package dev.lifeboat.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// The digest of `abc` is in FIPS 180-2.
class Sha256Test {
  private static final byte[] ABC = "abc".getBytes(StandardCharsets.UTF_8);
  private static final String DIGEST =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @Test
  void bytes_and_a_stream_have_the_same() throws Exception {
    assertEquals(DIGEST, Sha256.of(ABC));
    assertEquals(DIGEST, Sha256.of(new ByteArrayInputStream(ABC)));
  }
}
