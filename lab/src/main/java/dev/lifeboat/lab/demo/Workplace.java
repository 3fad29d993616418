package dev.lifeboat.lab.demo;

import dev.lifeboat.lab.Checkout;
import dev.lifeboat.lab.Folders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
    try {
      leftovers(experiments).forEach(Workplace::removeIfDead);
      var folder = experiments.resolve(PREFIX + ProcessHandle.current().pid());
      Folders.delete(folder);
      // Locked before it has its name, so that nobody takes it for a leftover meanwhile.
      var nameless = Files.createTempDirectory(experiments, "new-");
      var lock =
          FileChannel.open(
              nameless.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (lock.tryLock() == null) {
        throw new IllegalStateException("a new lock file is locked: " + nameless);
      }
      Files.move(nameless, folder);
      return new Workplace(folder, lock);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path folder() {
    return folder;
  }

  private static List<Path> leftovers(Path experiments) throws IOException {
    try (var folders = Files.newDirectoryStream(experiments, PREFIX + "*")) {
      var found = new java.util.ArrayList<Path>();
      folders.forEach(found::add);
      return found;
    }
  }

  private static void removeIfDead(Path folder) {
    try (var channel =
        FileChannel.open(
            folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      if (channel.tryLock() != null) {
        Folders.delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    Folders.delete(folder);
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
