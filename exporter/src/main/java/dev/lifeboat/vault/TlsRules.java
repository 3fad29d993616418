package dev.lifeboat.vault;

import dev.lifeboat.vault.VaultException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// Whom we believe and who we are, on every connection to a node: TLS 1.3 preferred, 1.2 at least.
record TlsRules(SSLContext context, SSLParameters parameters) {
  /// Reads the files; [VaultException] of reason `TLS` when one is missing or broken.
  static TlsRules of(VaultConfig.Tls tls) {
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(keyManagers(tls), trustManagers(tls), null);
      var parameters = new SSLParameters();
      parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
      return new TlsRules(context, parameters);
    } catch (GeneralSecurityException | IOException broken) {
      throw new VaultException(Reason.TLS, "TLS files: " + broken.getMessage(), broken);
    }
  }

  static KeyManager @Nullable [] keyManagers(VaultConfig.Tls tls)
      throws GeneralSecurityException, IOException {
    Optional<Path> certificateFile = tls.certificateFile();
    Optional<Path> keyFile = tls.privateKeyFile();
    if (certificateFile.isEmpty() || keyFile.isEmpty()) {
      return null;
    }
    List<X509Certificate> chain = PemFile.certificates(certificateFile.get());
    PrivateKey key = PemFile.privateKey(keyFile.get());
    var store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("client", key, new char[0], chain.toArray(Certificate[]::new));
    var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, new char[0]);
    return factory.getKeyManagers();
  }

  private static TrustManager[] trustManagers(VaultConfig.Tls tls)
      throws GeneralSecurityException, IOException {
    KeyStore authorities = null;
    if (tls.caFile().isPresent()) {
      authorities = KeyStore.getInstance("PKCS12");
      authorities.load(null, null);
      int index = 0;
      for (X509Certificate authority : PemFile.certificates(tls.caFile().get())) {
        authorities.setCertificateEntry("ca-" + index++, authority);
      }
    }
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(authorities);
    TrustManager[] managers = factory.getTrustManagers();
    Optional<String> name = tls.serverName();
    if (name.isEmpty()) {
      return managers;
    }
    for (TrustManager manager : managers) {
      if (manager instanceof X509ExtendedTrustManager chain) {
        return new TrustManager[] {new ServerNameTrust(chain, name.get())};
      }
    }
    throw new IllegalStateException("the JDK has no X.509 trust manager");
  }
}
