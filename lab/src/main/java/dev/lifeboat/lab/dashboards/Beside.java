package dev.lifeboat.lab.dashboards;

import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.Postgresql;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A PostgreSQL with a standby, for the panels of clusters that keep their data in one. The cluster
/// of the scene has raft; its agents measure this database all the same.
record Beside(Path certificate, Postgresql primary, Postgresql standby) implements AutoCloseable {
  private static final String ROWS =
      "CREATE TABLE openbao_kv_store AS SELECT n AS key, repeat(md5(n::text), 20) AS value"
          + " FROM generate_series(1, 20000) AS n";

  static Beside start(Path folder) {
    var certificate = folder.resolve("database.pem");
    var key = folder.resolve("database-key.pem");
    openssl(certificate, key);
    var primary = Postgresql.start(certificate, key);
    try {
      primary.sql(Postgresql.DATABASE, ROWS);
      // Else the copy that the standby is made of waits minutes for one that takes its time.
      primary.sql(Postgresql.DATABASE, "CHECKPOINT");
      return new Beside(certificate, primary, primary.standby());
    } catch (RuntimeException e) {
      primary.close();
      throw e;
    }
  }

  private static void openssl(Path certificate, Path key) {
    var line =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
            + " -subj /CN=lab -addext subjectAltName=IP:127.0.0.1";
    var command = new ArrayList<>(List.of(line.split(" ")));
    command.addAll(List.of("-keyout", key.toString(), "-out", certificate.toString()));
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new LabException("openssl failed: " + said);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }

  @Override
  public void close() {
    standby.close();
    primary.close();
  }
}
