package dev.lifeboat.vault;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// Certificates for one run of the tests: an authority, and whatever it signs.
public final class TestCertificates {
  private static final char[] PASSWORD = "changeit".toCharArray();

  private final Path folder;
  private final X509 authority = X509.authority("test authority");
  private final Map<String, X509> signed = new HashMap<>();

  private TestCertificates(Path folder) {
    this.folder = folder;
  }

  /// @param folder takes the files; one folder, one authority
  public static TestCertificates in(Path folder) {
    return new TestCertificates(folder);
  }

  /// @param keyAlgorithm `EC`, `RSA`, `Ed25519`
  /// @param names such as `dns:vault.example.org,ip:127.0.0.1`
  public TestCertificates sign(String alias, String keyAlgorithm, String names) {
    signed.put(alias, authority.sign(alias, keyAlgorithm, names));
    return this;
  }

  /// The authority's certificate.
  public Path caFile() {
    return file("ca.pem", authority.certificatePem());
  }

  public Path certificateFile(String alias) {
    return file(alias + ".pem", of(alias).certificatePem());
  }

  /// PKCS#8, unencrypted.
  public Path keyFile(String alias) {
    return file(alias + ".key", of(alias).keyPem());
  }

  /// A server that shows this certificate and believes the authority.
  public SSLContext server(String alias) {
    try {
      var mine = KeyStore.getInstance("PKCS12");
      mine.load(null, null);
      var chain = new X509Certificate[] {of(alias).certificate(), authority.certificate()};
      mine.setKeyEntry(alias, of(alias).key(), PASSWORD, chain);
      var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(mine, PASSWORD);
      var authorities = KeyStore.getInstance("PKCS12");
      authorities.load(null, null);
      authorities.setCertificateEntry("ca", authority.certificate());
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(authorities);
      var context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private X509 of(String alias) {
    return Objects.requireNonNull(signed.get(alias), alias);
  }

  private Path file(String name, String pem) {
    try {
      return Files.writeString(
          folder.resolve(name), "subject: whatever openssl writes above\n" + pem);
    } catch (IOException failed) {
      throw new IllegalStateException(failed);
    }
  }
}
