package dev.lifeboat.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The server's certificate, key and client CA as they are in their files at this moment.
///
/// Read here and not by Vert.x, so that a file that cannot be read is named.
record TlsFiles(Buffer certificate, Buffer privateKey, List<Buffer> clientCas) {
  static final Set<String> PROTOCOLS = new LinkedHashSet<>(List.of("TLSv1.3", "TLSv1.2"));

  static TlsFiles read(HttpConfig.Tls tls) {
    return new TlsFiles(
        read("http.tls.certificate-file", tls.certificateFile()),
        read("http.tls.private-key-file", tls.privateKeyFile()),
        tls.clientCaFile().map(file -> read("http.tls.client-ca-file", file)).stream().toList());
  }

  ServerSSLOptions options() {
    ServerSSLOptions options = new ServerSSLOptions();
    options.setKeyCertOptions(
        new PemKeyCertOptions().addCertValue(certificate).addKeyValue(privateKey));
    options.setEnabledSecureTransportProtocols(PROTOCOLS);
    options.setUseAlpn(false);
    options.setSslHandshakeTimeout(10);
    if (!clientCas.isEmpty()) {
      PemTrustOptions trust = new PemTrustOptions();
      clientCas.forEach(trust::addCertValue);
      options.setTrustOptions(trust);
      options.setClientAuth(ClientAuth.REQUIRED);
    }
    return options;
  }

  private static Buffer read(String key, Path file) {
    try {
      return Buffer.buffer(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot read %s %s (%s)\nhint: see its path and that this user may read it"
              .formatted(key, file, e.getClass().getSimpleName()),
          e);
    }
  }
}
