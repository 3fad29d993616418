package dev.lifeboat.lab.demo;

import dev.lifeboat.lab.Checkout;
import dev.lifeboat.lab.Folders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// The folder of one demo, `.lab/demo-PID`, gone with it. What a demo leaves that was killed is
/// removed by the next one: a folder whose lock nobody holds belongs to nobody.
final class Workplace implements AutoCloseable {
  private static final String PREFIX = "demo-";
  private static final String LOCK = "lock";

  private final Path folder;
  private final FileChannel lock;

  private Workplace(Path folder, FileChannel lock) {
    this.folder = folder;
    this.lock = lock;
  }

  static Workplace open() {
    var experiments = Checkout.experiments();
    try (var _ = alone(experiments)) {
      for (Path leftover : demos(experiments)) {
        if (isDead(leftover)) {
          Folders.delete(leftover);
        }
      }
      var folder = Folders.create(experiments.resolve(PREFIX + ProcessHandle.current().pid()));
      var lock = lockFile(folder);
      if (lock.tryLock() == null) {
        throw new IllegalStateException(folder + " is another demo's, with our own pid");
      }
      return new Workplace(folder, lock);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path folder() {
    return folder;
  }

  /// Held while a demo's folder is made or removed, so that none is seen half-made.
  private static FileChannel alone(Path experiments) throws IOException {
    var channel =
        FileChannel.open(
            experiments.resolve("demos.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    channel.lock();
    return channel;
  }

  private static FileChannel lockFile(Path folder) throws IOException {
    return FileChannel.open(
        folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  private static List<Path> demos(Path experiments) throws IOException {
    var found = new ArrayList<Path>();
    try (var folders = Files.newDirectoryStream(experiments, PREFIX + "[0-9]*")) {
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
    // A demo that is told to end is interrupted, and no file is locked by an interrupted thread.
    boolean interrupted = Thread.interrupted();
    try (lock;
        var _ = alone(Checkout.experiments())) {
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
