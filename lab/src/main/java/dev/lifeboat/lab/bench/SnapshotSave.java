package dev.lifeboat.lab.bench;

import dev.lifeboat.lab.Cluster;
import dev.lifeboat.lab.Folders;
import dev.lifeboat.lab.LabException;
import dev.lifeboat.sandbox.LeashedProcess;
import dev.lifeboat.sandbox.LeashedProcess.Invocation;
import dev.lifeboat.vault.Product;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// The server's own command line: `bao operator raft snapshot save FILE`. It neither verifies nor
/// encrypts what it writes, and leaves the writing to the page cache.
final class SnapshotSave {
  private static final Duration BOUND = Duration.ofMinutes(2);

  private final Cluster cluster;
  private final Path file;
  private long bytes;

  /// @param file written and deleted by each [#seconds]
  SnapshotSave(Cluster cluster, Path file) {
    this.cluster = cluster;
    this.file = file;
  }

  String name() {
    return program() + " operator raft snapshot save";
  }

  /// One of them, from the start of the process to its end.
  double seconds() {
    return secondsThen(_ -> {});
  }

  /// The same, and what is done with the file before it is deleted.
  double secondsThen(Consumer<Path> next) {
    var log = file.resolveSibling("snapshot-save.log");
    var command =
        List.of(
            cluster.binary().path().toString(),
            "operator",
            "raft",
            "snapshot",
            "save",
            file.toString());
    long began = System.nanoTime();
    var process =
        LeashedProcess.start(new Invocation(command, cluster.folder(), environment(), log, log));
    if (!process.awaitEnd(BOUND)) {
      process.kill();
      throw new LabException(name() + " has not ended after " + BOUND.toMinutes() + " min");
    }
    if (process.exitCode() != 0) {
      throw new LabException(name() + " ended with " + process.exitCode() + ", see " + log);
    }
    next.accept(file);
    double seconds = (System.nanoTime() - began) / 1e9;
    try {
      bytes = Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Folders.delete(file);
    return seconds;
  }

  /// Of the last snapshot.
  long bytes() {
    return bytes;
  }

  private Map<String, String> environment() {
    var environment = new HashMap<String, String>();
    environment.put("HOME", cluster.folder().toString());
    environment.put("PATH", "/usr/local/bin:/usr/bin:/bin");
    for (String prefix : List.of("BAO", "VAULT")) {
      environment.put(prefix + "_ADDR", cluster.nodes().getFirst().address().toString());
      environment.put(prefix + "_TOKEN", cluster.rootToken().reveal());
    }
    return environment;
  }

  private String program() {
    return cluster.binary().product() == Product.OPENBAO ? "bao" : "vault";
  }
}
