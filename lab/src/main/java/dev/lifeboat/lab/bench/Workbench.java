package dev.lifeboat.lab.bench;

import dev.lifeboat.config.ByteSize;
import dev.lifeboat.lab.LabException;
import dev.lifeboat.sandbox.ServerBinary;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What the benchmarks of one run share: the server, a folder, and the cluster with data, whose
/// filling takes longer than most measurements.
final class Workbench implements AutoCloseable {
  private final ServerBinary server;
  private final Path folder;
  private final Consumer<String> progress;
  private int folders;
  private @Nullable FilledCluster filled;

  /// @param progress told what is going on, one line each
  Workbench(ServerBinary server, Path folder, Consumer<String> progress) {
    this.server = server;
    this.folder = folder;
    this.progress = progress;
  }

  ServerBinary server() {
    return server;
  }

  void says(String line) {
    progress.accept(line);
  }

  /// A name for a folder that is not there yet.
  Path newFolder() {
    folders++;
    return folder.resolve(Integer.toString(folders));
  }

  /// A cluster of one node that holds this much and no more: the one there is, grown, if it is not
  /// too large already.
  FilledCluster holding(ByteSize size) {
    if (filled == null || filled.size().compareTo(size) > 0) {
      close();
      filled = FilledCluster.open(server, newFolder());
    }
    if (filled.size().compareTo(size) < 0) {
      says("filling a cluster of one node up to " + size);
      filled.growTo(size);
    }
    return filled;
  }

  /// Lets the machine finish what the last measurement left it to do.
  static void settle(Duration pause) {
    try {
      TimeUnit.NANOSECONDS.sleep(pause.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }

  @Override
  public void close() {
    if (filled != null) {
      filled.close();
      filled = null;
    }
  }
}
