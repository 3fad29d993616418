package dev.lifeboat.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A certificate authority of its own in a folder, by the `openssl` program.
final class Certificates {
  private final Path folder;
  private final Path caFile;

  private Certificates(Path folder) {
    this.folder = folder;
    this.caFile = folder.resolve("ca.pem");
  }

  /// Certificate and private key, both PEM.
  record Issued(Path certificateFile, Path privateKeyFile) {}

  static Certificates in(Path folder) {
    var certificates = new Certificates(Folders.create(folder));
    certificates.make("ca", List.of("-addext", "keyUsage=critical,keyCertSign"));
    return certificates;
  }

  Path caFile() {
    return caFile;
  }

  /// @param names as openssl writes them: `IP:127.0.0.1,DNS:vault.lab`
  Issued server(String name, String names) {
    return issue(name, "serverAuth", names);
  }

  Issued client(String name) {
    return issue(name, "clientAuth", "DNS:" + name);
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
