package dev.lifeboat.archive;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// AES-GCM and SHA-256 from a native library (Amazon Corretto Crypto Provider), put before those of
/// the JDK.
///
/// A backup is most often the first of its process or the first of its day. The JDK's ciphers are
/// quick only after the JIT has met them for some seconds, and cost as much processor time again to
/// compile; these are quick from the first byte.
public final class NativeCrypto {
  private static final String EXTERNAL = "com.amazon.corretto.crypto.provider.useExternalLib";

  private static final boolean AVAILABLE = install();

  private NativeCrypto() {}

  /// Whether it is there; the first call loads it, in about 0.3 s. Without it everything works as
  /// before, slower: with C1 alone, 26 MB/s.
  public static boolean use() {
    return AVAILABLE;
  }

  private static boolean install() {
    if (unpacked() && System.getProperty(EXTERNAL) == null) {
      // Otherwise it unpacks itself into /tmp and is run from there, which not every /tmp allows.
      System.setProperty(EXTERNAL, "true");
    }
    Throwable trouble = AmazonCorrettoCryptoProvider.INSTANCE.getLoadingError();
    if (trouble != null) {
      System.getLogger(NativeCrypto.class.getName())
          .log(
              System.Logger.Level.WARNING,
              "event=native_crypto_unavailable effect=\"backups are slow\" message=\"%s\""
                  .formatted(trouble.getMessage()));
      return false;
    }
    AmazonCorrettoCryptoProvider.install();
    return true;
  }

  /// Whether the library lies where the launcher says that native libraries are.
  private static boolean unpacked() {
    String library = System.mapLibraryName("amazonCorrettoCryptoProvider");
    return Stream.of(System.getProperty("java.library.path", "").split(File.pathSeparator, -1))
        .anyMatch(folder -> Files.isRegularFile(Path.of(folder, library)));
  }
}
