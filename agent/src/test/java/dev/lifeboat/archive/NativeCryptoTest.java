package dev.lifeboat.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.keys.DataKey;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.List;
import javax.crypto.Cipher;
import org.junit.jupiter.api.Test;

class NativeCryptoTest {
  private static final String NATIVE = "AmazonCorrettoCryptoProvider";

  @Test
  void a_warmed_up_process_has_its_ciphers_from_the_native_library() throws Exception {
    Container.warmUp();

    assertEquals(NATIVE + " " + NATIVE, providers());
  }

  /// A processor or a C library that it was not built for.
  @Test
  void without_the_library_the_jdk_does_the_work_and_the_log_says_so() throws Exception {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED",
                    "-Dcom.amazon.corretto.crypto.provider.useExternalLib=true",
                    "-Djava.library.path=/nonexistent",
                    "-cp",
                    System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path")),
                    WithoutLibrary.class.getName()))
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertEquals(0, process.waitFor(), output);
    assertTrue(output.contains("event=native_crypto_unavailable"), output);
    assertTrue(output.endsWith("37 SunJCE SUN"), output);
  }

  /// Seals and proves a snapshot; prints its index and who encrypted.
  static final class WithoutLibrary {
    public static void main(String[] arguments) throws GeneralSecurityException, IOException {
      try (DataKey key = DataKey.generate()) {
        var file = new ByteArrayOutputStream();
        var written =
            Container.seal(new ByteArrayInputStream(Snaps.openbao()), file, key, "id", _ -> {});
        var sealed =
            Container.prove(new ByteArrayInputStream(file.toByteArray()), key, "id", written);
        String line = ((SnapshotFacts) sealed.facts()).raftIndex() + " " + providers();
        System.out.write(line.getBytes(StandardCharsets.UTF_8));
        System.out.flush();
      }
    }
  }

  private static String providers() throws GeneralSecurityException {
    return Cipher.getInstance("AES/GCM/NoPadding").getProvider().getName()
        + " "
        + MessageDigest.getInstance("SHA-256").getProvider().getName();
  }
}
