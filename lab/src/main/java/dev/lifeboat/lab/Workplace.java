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

  /// @param parent a folder that exists; all `KIND-*` in it are taken for our own
  public static Workplace open(Path parent, String kind) {
    try {
      leftovers(parent, kind).forEach(Workplace::removeIfDead);
      var folder = parent.resolve(kind + "-" + ProcessHandle.current().pid());
      Folders.delete(folder);
      // Locked before it has its name, so that nobody takes it for a leftover meanwhile.
      var nameless = Files.createTempDirectory(parent, "new-");
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

  public Path folder() {
    return folder;
  }

  private static List<Path> leftovers(Path parent, String kind) throws IOException {
    try (var folders = Files.newDirectoryStream(parent, kind + "-*")) {
      var found = new ArrayList<Path>();
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
