package dev.lifeboat.vault;

import dev.lifeboat.vault.VaultException.Reason;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/// Which certificates a server shows and files hold, for looking at their dates.
///
/// Nothing is verified here and nothing is sent: an expired certificate, which every other
/// connection refuses, is the very one to be told of.
public final class Certificates {
  /// The cluster port answers nobody who does not name one of its protocols; this one needs no name
  /// of a raft key (request forwarding, open on the active node alone).
  private static final String FORWARDING = "req_fw_sb-act_v1";

  private final VaultConfig config;

  public Certificates(VaultConfig config) {
    this.config = config;
  }

  /// What the API of the node beside us shows, its own certificate first; empty for plain HTTP.
  public List<X509Certificate> api() {
    URI address = config.address();
    if (!address.getScheme().equals("https")) {
      return List.of();
    }
    var parameters = new SSLParameters();
    serverName(config.tls().serverName().orElse(address.getHost()))
        .ifPresent(name -> parameters.setServerNames(List.of(name)));
    return shown(address, parameters);
  }

  /// What the cluster port of an active node shows.
  ///
  /// @param clusterAddress as `sys/leader` gives it, such as `https://10.0.0.1:8201`
  public List<X509Certificate> cluster(String clusterAddress) {
    URI address =
        Authority.parse(clusterAddress)
            .orElseThrow(
                () -> new VaultException(Reason.REFUSED, "no cluster address: " + clusterAddress));
    var parameters = new SSLParameters();
    parameters.setApplicationProtocols(new String[] {FORWARDING});
    return shown(address, parameters);
  }

  /// In the order of a PEM file; a [VaultException] of reason `TLS` when it has none.
  public static List<X509Certificate> inFile(Path file) {
    return PemFile.certificates(file);
  }

  private List<X509Certificate> shown(URI address, SSLParameters parameters) {
    Duration timeout = config.connectTimeout();
    var shown = new AtomicReference<List<X509Certificate>>(List.of());
    try (var socket = new Socket()) {
      var context = SSLContext.getInstance("TLS");
      // Our own certificate, where one is configured: a server that demands it logs who lacks it.
      context.init(
          TlsRules.keyManagers(config.tls()), new TrustManager[] {new Onlooker(shown)}, null);
      int port = Authority.of(address).port();
      socket.connect(
          new InetSocketAddress(address.getHost(), port), Math.toIntExact(timeout.toMillis()));
      socket.setSoTimeout(Math.toIntExact(config.requestTimeout().toMillis()));
      var secure =
          (SSLSocket)
              context.getSocketFactory().createSocket(socket, address.getHost(), port, true);
      secure.setSSLParameters(parameters);
      secure.startHandshake();
    } catch (GeneralSecurityException | IOException failed) {
      // The certificate comes before most of what may fail.
      if (shown.get().isEmpty()) {
        throw new VaultException(
            Reason.TLS, Authority.of(address) + " shows no certificate: " + failed.getMessage());
      }
    }
    return shown.get();
  }

  /// An address of numbers is no server name.
  private static Optional<SNIHostName> serverName(String host) {
    return host.startsWith("[") || host.matches("[0-9.]+")
        ? Optional.empty()
        : Optional.of(new SNIHostName(host));
  }

  /// Takes every certificate and keeps it; what is read or written beside it does not exist.
  record Onlooker(AtomicReference<List<X509Certificate>> shown) implements X509TrustManager {
    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
      shown.set(List.of(chain));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {
      throw new UnsupportedOperationException("nobody connects to us here");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
