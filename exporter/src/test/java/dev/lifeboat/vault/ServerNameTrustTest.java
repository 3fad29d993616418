package dev.lifeboat.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.Test;

class ServerNameTrustTest {
  private static final X509 AUTHORITY = X509.authority("authority");
  private static final X509Certificate[] NAMELESS = {AUTHORITY.certificate()};
  private static final X509Certificate[] NAMED = {
    AUTHORITY.sign("node", "EC", "dns:vault.example.org").certificate()
  };

  private final Chain chain = new Chain();
  private final ServerNameTrust trust = new ServerNameTrust(chain, "vault.example.org");

  @Test
  void a_certificate_without_any_alternative_name_is_refused() {
    var refused =
        assertThrows(
            CertificateException.class, () -> trust.checkServerTrusted(NAMELESS, "ECDHE_ECDSA"));

    assertEquals(
        "the certificate has no subject alternative name 'vault.example.org'",
        refused.getMessage());
  }

  @Test
  void the_chain_is_checked_however_the_server_is_asked() throws Exception {
    trust.checkServerTrusted(NAMED, "x");
    trust.checkServerTrusted(NAMED, "x", new Socket());
    trust.checkServerTrusted(NAMED, "x", SSLContext.getDefault().createSSLEngine());

    assertEquals(List.of("server", "server", "server"), chain.asked);
  }

  @Test
  void a_broken_chain_is_refused_whatever_the_name() {
    chain.broken = true;

    assertThrows(CertificateException.class, () -> trust.checkServerTrusted(NAMED, "x"));
  }

  @Test
  void clients_are_left_to_the_chain() throws Exception {
    trust.checkClientTrusted(NAMELESS, "x");
    trust.checkClientTrusted(NAMELESS, "x", new Socket());
    trust.checkClientTrusted(NAMELESS, "x", SSLContext.getDefault().createSSLEngine());

    assertEquals(List.of("client", "client by socket", "client by engine"), chain.asked);
    assertTrue(trust.getAcceptedIssuers().length == 1);
  }

  /// Notes what it was asked.
  private static final class Chain extends X509ExtendedTrustManager {
    private final List<String> asked = new ArrayList<>();
    private boolean broken;

    private void note(String what) throws CertificateException {
      asked.add(what);
      if (broken) {
        throw new CertificateException("broken");
      }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] certificates, String type)
        throws CertificateException {
      note("client");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] certificates, String type, Socket socket)
        throws CertificateException {
      note("client by socket");
    }

    @Override
    public void checkClientTrusted(
        X509Certificate[] certificates, String type, javax.net.ssl.SSLEngine engine)
        throws CertificateException {
      note("client by engine");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] certificates, String type)
        throws CertificateException {
      note("server");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] certificates, String type, Socket socket) {
      throw new IllegalStateException("would check the host's name too");
    }

    @Override
    public void checkServerTrusted(
        X509Certificate[] certificates, String type, javax.net.ssl.SSLEngine engine) {
      throw new IllegalStateException("would check the host's name too");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return NAMELESS;
    }
  }
}
