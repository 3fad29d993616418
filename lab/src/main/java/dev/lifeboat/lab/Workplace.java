package dev.lifeboat.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// The folder of one demo or benchmark, named `KIND-PID`, gone with it. What one leaves that was
/// killed is removed by the next of its kind: a folder whose lock nobody holds belongs to nobody.
public final class Workplace implements AutoCloseable {
  private static final String LOCK = "lock";

  private final Path folder;
  private final FileChannel lock;

  private Workplace(Path folder, FileChannel lock) {
    this.folder = folder;
    this.lock = lock;
  }

  /// In the checkout's `.lab`.
  ///
  /// @param kind such as `demo`
  public static Workplace open(String kind) {
    return open(Checkout.experiments(), kind);
  }

  /// @param parent a folder that exists; all `KIND-PID` in it are taken for our own
  public static Workplace open(Path parent, String kind) {
    try (var _ = alone(parent)) {
      for (Path leftover : ofKind(parent, kind)) {
        if (isDead(leftover)) {
          Folders.delete(leftover);
        }
      }
      var folder = Folders.create(parent.resolve(kind + "-" + ProcessHandle.current().pid()));
      var lock = lockFile(folder);
      if (lock.tryLock() == null) {
        throw new IllegalStateException(folder + " is another process's, with our own pid");
      }
      return new Workplace(folder, lock);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Path folder() {
    return folder;
  }

  /// Held while a folder is made or removed, so that none is seen half-made.
  private static FileChannel alone(Path parent) throws IOException {
    var channel =
        FileChannel.open(
            parent.resolve(".lifeboat-lab.lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    channel.lock();
    return channel;
  }

  private static FileChannel lockFile(Path folder) throws IOException {
    return FileChannel.open(
        folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  private static List<Path> ofKind(Path parent, String kind) throws IOException {
    var found = new ArrayList<Path>();
    try (var folders = Files.newDirectoryStream(parent, kind + "-[0-9]*")) {
      folders.forEach(found::add);
    }
    return found;
  }

  private static boolean isDead(Path folder) throws IOException {
    try (var channel = lockFile(folder)) {
      return channel.tryLock() != null;
    }
  }

  @Override
  public void close() {
    // Ctrl-C comes as an interrupt, and an interrupted thread is refused every lock.
    boolean interrupted = Thread.interrupted();
    try (lock;
        var _ = alone(folder.resolveSibling("."))) {
      Folders.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
