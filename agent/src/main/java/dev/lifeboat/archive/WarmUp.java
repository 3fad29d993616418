package dev.lifeboat.archive;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Many small calls of AES-GCM and SHA-256, which is what makes the JIT compile them: it counts
/// calls, and the few large ones of a backup reach its thresholds only after a hundred MiB.
final class WarmUp {
  private static final int ROUNDS = 3000;
  private static final int ROUND_BYTES = 1 << 10;

  private WarmUp() {}

  static void run() {
    try {
      // A throw-away key that encrypts zeros under counting nonces and is never used again.
      var key = new SecretKeySpec(HashedInput.sha256().digest(), "AES");
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      MessageDigest digest = HashedInput.sha256();
      byte[] zeros = new byte[ROUND_BYTES];
      byte[] nonce = new byte[12];
      for (int round = 0; round < ROUNDS && !Thread.currentThread().isInterrupted(); round++) {
        ByteBuffer.wrap(nonce).putInt(round);
        cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(128, nonce));
        digest.update(cipher.doFinal(zeros));
      }
      var _ = digest.digest();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM is not available", e);
    }
  }
}
