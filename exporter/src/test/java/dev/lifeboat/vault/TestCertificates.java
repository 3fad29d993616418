package dev.lifeboat.vault;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// Certificates for one run of the tests, made by the JDK's own keytool: an authority, and whatever
/// it signs.
public final class TestCertificates {
  private static final char[] PASSWORD = "changeit".toCharArray();

  private final Path folder;
  private final Path store;

  private TestCertificates(Path folder) {
    this.folder = folder;
    this.store = folder.resolve("store.p12");
  }

  /// @param folder takes the files; one folder, one authority
  public static TestCertificates in(Path folder) {
    var made = new TestCertificates(folder);
    made.keytool("ca", "EC", "-ext", "bc:critical", "-dname", "CN=test authority");
    return made;
  }

  /// @param keyAlgorithm `EC`, `RSA`, `Ed25519`
  /// @param names such as `dns:vault.example.org,ip:127.0.0.1`
  public TestCertificates sign(String alias, String keyAlgorithm, String names) {
    keytool(alias, keyAlgorithm, "-signer", "ca", "-ext", "san=" + names, "-dname", "CN=" + alias);
    return this;
  }

  /// The authority's certificate.
  public Path caFile() {
    return pem("ca.pem", "CERTIFICATE", encoded("ca", 0));
  }

  public Path certificateFile(String alias) {
    return pem(alias + ".pem", "CERTIFICATE", encoded(alias, 0));
  }

  /// PKCS#8, unencrypted.
  public Path keyFile(String alias) {
    try {
      return pem(alias + ".key", "PRIVATE KEY", load().getKey(alias, PASSWORD).getEncoded());
    } catch (GeneralSecurityException failed) {
      throw new IllegalStateException(failed);
    }
  }

  /// A server that shows this certificate and believes the authority.
  public SSLContext server(String alias) {
    try {
      KeyStore all = load();
      var mine = KeyStore.getInstance("PKCS12");
      mine.load(null, null);
      mine.setKeyEntry(
          alias, all.getKey(alias, PASSWORD), PASSWORD, all.getCertificateChain(alias));
      var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(mine, PASSWORD);
      var authorities = KeyStore.getInstance("PKCS12");
      authorities.load(null, null);
      authorities.setCertificateEntry("ca", all.getCertificate("ca"));
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(authorities);
      var context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private byte[] encoded(String alias, int index) {
    try {
      return load().getCertificateChain(alias)[index].getEncoded();
    } catch (GeneralSecurityException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private KeyStore load() {
    try (InputStream in = Files.newInputStream(store)) {
      var loaded = KeyStore.getInstance("PKCS12");
      loaded.load(in, PASSWORD);
      return loaded;
    } catch (GeneralSecurityException | IOException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private Path pem(String name, String type, byte[] der) {
    String body = Base64.getMimeEncoder(64, "\n".getBytes(UTF_8)).encodeToString(der);
    try {
      return Files.writeString(
          folder.resolve(name),
          "subject: whatever openssl writes above\n-----BEGIN %s-----\n%s\n-----END %s-----\n"
              .formatted(type, body, type));
    } catch (IOException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private void keytool(String alias, String keyAlgorithm, String... more) {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-J-XX:TieredStopAtLevel=1",
                "-genkeypair",
                "-alias",
                alias,
                "-keyalg",
                keyAlgorithm,
                "-keystore",
                store.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                String.valueOf(PASSWORD),
                "-validity",
                "2"));
    command.addAll(Arrays.asList(more));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), UTF_8);
      if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IllegalStateException(said);
      }
    } catch (IOException failed) {
      throw new IllegalStateException(failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }
}
