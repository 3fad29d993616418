package dev.lifeboat.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// A certificate authority of its own in a folder, by the `openssl` program.
public final class Certificates {
  private static final Duration CONNECT = Duration.ofSeconds(2);

  private final Path folder;
  private final Path caFile;

  private Certificates(Path folder) {
    this.folder = folder;
    this.caFile = folder.resolve("ca.pem");
  }

  /// Certificate and private key, both PEM.
  public record Issued(Path certificateFile, Path privateKeyFile) {}

  public static Certificates in(Path folder) {
    var certificates = new Certificates(Folders.create(folder));
    certificates.make("ca", List.of("-addext", "keyUsage=critical,keyCertSign"));
    return certificates;
  }

  /// The authority that was made there before.
  public static Certificates again(Path folder) {
    return new Certificates(folder);
  }

  public Path caFile() {
    return caFile;
  }

  /// A client that trusts this authority and nobody else.
  public static HttpClient trusting(Path caFile) {
    return trusting(caFile, Optional.empty());
  }

  /// The same with a certificate of its own.
  public static HttpClient trusting(Path caFile, Issued own) {
    return trusting(caFile, Optional.of(own));
  }

  private static HttpClient trusting(Path caFile, Optional<Issued> own) {
    try {
      var trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      trusted.setCertificateEntry("ca", certificate(caFile));
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      KeyManager[] keys = own.isPresent() ? keyManagers(own.get()) : new KeyManager[0];
      var context = SSLContext.getInstance("TLS");
      context.init(keys, trust.getTrustManagers(), null);
      return HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .connectTimeout(CONNECT)
          .sslContext(context)
          .build();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyManager[] keyManagers(Issued own) throws IOException, GeneralSecurityException {
    var password = new char[0];
    var store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setKeyEntry(
        "own",
        privateKey(own.privateKeyFile()),
        password,
        new Certificate[] {certificate(own.certificateFile())});
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, password);
    return managers.getKeyManagers();
  }

  private static Certificate certificate(Path file) throws IOException, GeneralSecurityException {
    try (var pem = Files.newInputStream(file)) {
      return CertificateFactory.getInstance("X.509").generateCertificate(pem);
    }
  }

  private static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
    var body = Files.readString(file).replaceAll("-----[A-Z ]+-----", "");
    return KeyFactory.getInstance("EC")
        .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(body)));
  }

  /// @param names as openssl writes them: `IP:127.0.0.1,DNS:vault.lab`
  public Issued server(String name, String names) {
    return issue(name, "serverAuth", names);
  }

  public Issued client(String name) {
    return issue(name, "clientAuth", "DNS:" + name);
  }

  /// One that ends within the hour, signed by itself.
  public Issued ending(String name) {
    return signedByItself(name, "-23H", 1);
  }

  /// One that was made today, signed by itself.
  public Issued lasting(String name, int days) {
    return signedByItself(name, "-0H", days);
  }

  /// By keytool: not every openssl takes a beginning.
  private Issued signedByItself(String name, String begin, int days) {
    var issued = new Issued(folder.resolve(name + ".pem"), folder.resolve(name + "-key.pem"));
    var store = folder.resolve(name + ".p12").toString();
    var keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    run(
        List.of(
            keytool,
            "-genkeypair",
            "-keyalg",
            "EC",
            "-alias",
            "own",
            "-dname",
            "CN=" + name,
            "-startdate",
            begin,
            "-validity",
            Integer.toString(days),
            "-storepass",
            "changeit",
            "-keystore",
            store));
    var open = List.of("openssl", "pkcs12", "-in", store, "-passin", "pass:changeit", "-nodes");
    for (var part :
        List.of(
            List.of("-nokeys", "-out", issued.certificateFile().toString()),
            List.of("-nocerts", "-out", issued.privateKeyFile().toString()))) {
      var command = new ArrayList<>(open);
      command.addAll(part);
      run(command);
    }
    return issued;
  }

  private Issued issue(String name, String usage, String names) {
    return make(
        name,
        List.of(
            "-CA",
            caFile.toString(),
            "-CAkey",
            folder.resolve("ca-key.pem").toString(),
            "-addext",
            "basicConstraints=critical,CA:false",
            "-addext",
            "extendedKeyUsage=" + usage,
            "-addext",
            "subjectAltName=" + names));
  }

  private Issued make(String name, List<String> more) {
    var issued = new Issued(folder.resolve(name + ".pem"), folder.resolve(name + "-key.pem"));
    var command =
        new ArrayList<>(
            List.of(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=" + name,
                "-keyout",
                issued.privateKeyFile().toString(),
                "-out",
                issued.certificateFile().toString()));
    command.addAll(more);
    run(command);
    return issued;
  }

  private static void run(List<String> command) {
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new LabException(command + " failed: " + said);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }
}
