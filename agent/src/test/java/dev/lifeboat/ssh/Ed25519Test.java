package dev.lifeboat.ssh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.KeyPair;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.EdECPublicKey;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.apache.sshd.common.util.security.eddsa.generic.EdDSASupport;
import org.junit.jupiter.api.Test;

class Ed25519Test {
  private final KeyPair pair = TestSshd.pair("Ed25519");
  private final EdECPublicKey publicKey = (EdECPublicKey) pair.getPublic();
  private final EdECPrivateKey privateKey = (EdECPrivateKey) pair.getPrivate();

  @SuppressWarnings("unchecked")
  private static EdDSASupport<EdECPublicKey, EdECPrivateKey> support() {
    Ed25519.register();
    return (EdDSASupport<EdECPublicKey, EdECPrivateKey>)
        SecurityUtils.getEdDSASupport().orElseThrow();
  }

  @Test
  void a_public_key_is_computed_from_the_private_one() throws Exception {
    assertEquals(publicKey, support().recoverEDDSAPublicKey(privateKey));
  }

  @Test
  void keys_survive_their_bytes() throws Exception {
    var support = support();
    byte[] bytes = support.getPublicKeyData(publicKey);

    assertEquals(publicKey, support.generateEDDSAPublicKey(bytes));
    assertEquals(
        privateKey, support.generateEDDSAPrivateKey(support.getPrivateKeyData(privateKey)));
    var buffer = support.putRawEDDSAPublicKey(new ByteArrayBuffer(), publicKey);
    assertArrayEquals(bytes, buffer.getBytes());
  }

  @Test
  void keys_are_told_from_others() {
    var support = support();
    KeyPair other = TestSshd.pair("Ed25519");
    KeyPair curve = TestSshd.pair("EC");

    assertEquals(256, support.getEDDSAKeySize(publicKey));
    assertEquals(256, support.getEDDSAKeySize(privateKey));
    assertEquals(-1, support.getEDDSAKeySize(curve.getPublic()));
    assertTrue(support.compareEDDSAPPublicKeys(publicKey, publicKey));
    assertFalse(support.compareEDDSAPPublicKeys(publicKey, other.getPublic()));
    assertFalse(support.compareEDDSAPPublicKeys(null, publicKey));
    assertTrue(support.compareEDDSAPrivateKeys(privateKey, privateKey));
    assertFalse(support.compareEDDSAPrivateKeys(curve.getPrivate(), privateKey));
  }

  @Test
  void a_private_key_goes_to_no_agent() {
    assertThrows(
        UnsupportedOperationException.class,
        () -> support().putEDDSAKeyPair(new ByteArrayBuffer(), publicKey, privateKey));
  }
}
