package dev.lifeboat.lab.experiment;

import dev.lifeboat.lab.Certificates;
import dev.lifeboat.lab.ClusterNode;
import dev.lifeboat.lab.Folders;
import dev.lifeboat.lab.Postgresql;
import dev.lifeboat.lab.Servers;
import java.nio.file.Path;

/// Two PostgreSQL servers, one of which replays what the other writes. They can change places.
final class DatabasePair implements AutoCloseable {
  private final Path passwordFile;
  private final Path caFile;
  private final Postgresql first;
  private final Postgresql second;
  private Postgresql primary;

  private DatabasePair(Path passwordFile, Path caFile, Postgresql first, Postgresql second) {
    this.passwordFile = passwordFile;
    this.caFile = caFile;
    this.first = first;
    this.second = second;
    this.primary = first;
  }

  /// @param folder is made
  static DatabasePair start(Path folder) {
    var certificates = Certificates.in(folder);
    var issued = certificates.server("database", "IP:127.0.0.1");
    var password = Folders.writeSecret(folder.resolve("password"), Postgresql.PASSWORD);
    var first = Postgresql.start(issued.certificateFile(), issued.privateKeyFile());
    try {
      return new DatabasePair(password, certificates.caFile(), first, first.standby());
    } catch (RuntimeException e) {
      first.close();
      throw e;
    }
  }

  Postgresql primary() {
    return primary;
  }

  Postgresql standby() {
    return primary == first ? second : first;
  }

  /// Both, of which a server takes the one that can be written to.
  String connectionUrl() {
    return "postgres://openbao:openbao@127.0.0.1:%d,127.0.0.1:%d/%s?%s"
        .formatted(
            first.port(),
            second.port(),
            Postgresql.DATABASE,
            "sslmode=require&target_session_attrs=read-write");
  }

  /// What the agent beside a node is told: the first has the first database beside it, the others
  /// have the second. From a standby a dump can be taken, and cannot be restored into it.
  String configuration(ClusterNode node) {
    return """
    backup.postgresql {
      host = "127.0.0.1", port = %d, database = "%s", user = "lifeboat"
      password { file = "%s" }
      ca-file = "%s", programs = "%s", scratch = false
    }
    """
        .formatted(
            (node.name().equals("node-1") ? first : second).port(),
            Postgresql.DATABASE,
            passwordFile,
            caFile,
            Servers.postgresql());
  }

  /// The standby takes the place of the primary, which was killed.
  void failOver() {
    var promoted = standby();
    promoted.promote();
    primary = promoted;
  }

  /// The one that was killed comes back as a standby.
  void rebuild() {
    standby().follow(primary);
  }

  @Override
  public void close() {
    second.close();
    first.close();
  }
}
