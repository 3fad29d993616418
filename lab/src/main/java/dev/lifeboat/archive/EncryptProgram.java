package dev.lifeboat.archive;

import dev.lifeboat.keys.DataKey;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Locale;

/// Encrypts a file as a backup is encrypted, throws the result away, and prints the seconds that it
/// took; again and again in one process: `EncryptProgram FILE TIMES`. For the benchmark `cipher`,
/// and in this package since nothing but [Container] may encrypt.
public final class EncryptProgram {
  private EncryptProgram() {}

  public static void main(String[] arguments) throws IOException {
    Container.warmUp();
    for (int time = 0; time < Integer.parseInt(arguments[1]); time++) {
      long began = System.nanoTime();
      encrypt(arguments[0]);
      System.out.printf(Locale.ROOT, "%.4f%n", (System.nanoTime() - began) / 1e9);
    }
  }

  private static void encrypt(String file) throws IOException {
    byte[] buffer = new byte[Relay.BUFFER_BYTES];
    try (var key = DataKey.generate();
        InputStream in = new FileInputStream(file);
        var encrypting =
            Container.encryptingChannel(
                new StoredOutput(OutputStream.nullOutputStream()), key, "id")) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        Container.writeFully(encrypting, ByteBuffer.wrap(buffer, 0, count));
      }
    }
  }
}
