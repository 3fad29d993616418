package dev.lifeboat.http;

import dev.lifeboat.vault.X509;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// A certificate that signed itself, for `localhost` and `127.0.0.1`.
record TestCertificate(KeyStore store, Path certificate, Path key) {
  private static final char[] PASSWORD = "changeit".toCharArray();

  static TestCertificate make(Path folder, String name) {
    X509 made = X509.selfSigned(name, "dns:localhost,ip:127.0.0.1");
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(name, made.key(), PASSWORD, new Certificate[] {made.certificate()});
      return new TestCertificate(
          store,
          Files.writeString(folder.resolve(name + ".crt"), made.certificatePem()),
          Files.writeString(folder.resolve(name + ".key"), made.keyPem()));
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("cannot make a certificate", e);
    }
  }

  /// Trusts this certificate and, when given, shows the other as the client's own.
  SSLContext trusting(TestCertificate... own) {
    try {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      String alias = store.aliases().nextElement();
      trusted.setCertificateEntry(alias, store.getCertificate(alias));
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      if (own.length > 0) {
        keys.init(own[0].store(), PASSWORD);
      } else {
        keys.init(null, null);
      }
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("cannot trust a certificate", e);
    }
  }
}
