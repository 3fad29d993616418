package dev.lifeboat.lab;

import dev.lifeboat.sandbox.SandboxException;
import dev.lifeboat.sandbox.ServerBinary;
import dev.lifeboat.vault.Product;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

/// Where the programs are that experiments run: in `.tools/servers`, where `lab/servers/install`
/// left links to them, or on the PATH. One that is missing is an error that names the command which
/// installs it, never a reason to skip.
public final class Servers {
  /// The versions that `lab/servers` pins and tests are written for.
  public static final String OPENBAO_VERSION = "2.7.2";

  public static final String VAULT_VERSION = "1.21.0";

  private Servers() {}

  /// OpenBao in the pinned version.
  public static ServerBinary openbao() {
    return pinned("bao", "openbao", Product.OPENBAO, OPENBAO_VERSION);
  }

  /// HashiCorp Vault in the pinned version.
  public static ServerBinary vault() {
    return pinned("vault", "vault", Product.VAULT, VAULT_VERSION);
  }

  public static Path minio() {
    return program("minio", "minio");
  }

  public static Path promtool() {
    return program("promtool", "prometheus");
  }

  public static Path amtool() {
    return program("amtool", "alertmanager");
  }

  public static Path prometheus() {
    return program("prometheus", "prometheus");
  }

  public static Path alertmanager() {
    return program("prometheus-alertmanager", "alertmanager");
  }

  public static Path nodeExporter() {
    return program("prometheus-node-exporter", "node-exporter");
  }

  public static Path age() {
    return program("age", "age");
  }

  public static Path ageKeygen() {
    return program("age-keygen", "age");
  }

  public static Path chromium() {
    return program("chromium", "chromium");
  }

  /// On root's PATH only.
  public static Path haproxy() {
    return Optional.of(Path.of("/usr/sbin/haproxy"))
        .filter(Files::isExecutable)
        .orElseThrow(() -> missing("HAProxy", "haproxy"));
  }

  /// OpenSSH's server, which is on nobody's PATH but root's, and wants to be called by its full
  /// one.
  public static Path sshd() {
    return Optional.of(Path.of("/usr/sbin/sshd"))
        .filter(Files::isExecutable)
        .orElseThrow(() -> missing("sshd", "sshd"));
  }

  /// The folder of PostgreSQL's programs, of the newest version there is.
  public static Path postgresql() {
    try (var versions = Files.newDirectoryStream(Path.of("/usr/lib/postgresql"), "[0-9]*")) {
      return StreamSupport.stream(versions.spliterator(), false)
          .map(version -> version.resolve("bin"))
          .filter(folder -> Files.isExecutable(folder.resolve("postgres")))
          .max(Comparator.comparing(Path::toString))
          .orElseThrow(() -> missing("PostgreSQL", "postgresql"));
    } catch (IOException e) {
      throw missing("PostgreSQL", "postgresql");
    }
  }

  /// A Debian tree with systemd, for [BootedDebian].
  public static Path debianTree() {
    return installed("debian")
        .filter(Files::isDirectory)
        .orElseThrow(() -> missing("the Debian tree", "debian"));
  }

  /// Whatever the user has, bao before vault; else the pinned OpenBao when it is installed.
  public static Optional<ServerBinary> any() {
    for (var found : List.of(onPath("bao"), onPath("vault"), installed("bao"))) {
      var binary = found.flatMap(Servers::detected);
      if (binary.isPresent()) {
        return binary;
      }
    }
    return Optional.empty();
  }

  private static ServerBinary pinned(
      String program, String target, Product product, String version) {
    for (var place : List.of(installed(program), onPath(program))) {
      var binary =
          place
              .flatMap(Servers::detected)
              .filter(found -> found.product() == product && found.version().equals(version));
      if (binary.isPresent()) {
        return binary.get();
      }
    }
    throw missing(program + " " + version, target);
  }

  private static Optional<ServerBinary> detected(Path path) {
    try {
      return Optional.of(ServerBinary.detect(path));
    } catch (SandboxException e) {
      return Optional.empty();
    }
  }

  private static Path program(String name, String target) {
    return installed(name).or(() -> onPath(name)).orElseThrow(() -> missing(name, target));
  }

  private static Optional<Path> installed(String name) {
    return Optional.of(Checkout.tools().resolve("servers").resolve(name)).filter(Files::exists);
  }

  private static Optional<Path> onPath(String name) {
    var path = System.getenv("PATH");
    if (path == null) {
      return Optional.empty();
    }
    for (String folder : path.split(":", -1)) {
      var file = Path.of(folder, name).toAbsolutePath();
      if (!folder.isEmpty() && Files.isExecutable(file) && Files.isRegularFile(file)) {
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }

  private static LabException missing(String what, String target) {
    return new LabException(what + " is not installed\nhint: lab/servers/install " + target);
  }
}
