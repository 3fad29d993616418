package dev.lifeboat.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// A small file system in memory, so that a disk can be full or read-only for real. Needs root.
public final class Tmpfs implements AutoCloseable {
  private final Path folder;

  private Tmpfs(Path folder) {
    this.folder = folder;
  }

  public static Tmpfs mount(Path folder, String size) {
    Folders.create(folder);
    run("mount", "-t", "tmpfs", "-o", "mode=0700,size=" + size, "lifeboat-test", folder.toString());
    return new Tmpfs(folder);
  }

  public Path folder() {
    return folder;
  }

  public void readOnly() {
    run("mount", "-o", "remount,ro", folder.toString());
  }

  /// Takes away what is mounted there, also while programs have files of it open; what it hid is
  /// there again.
  public static void detach(Path folder) {
    run("umount", "--lazy", folder.toString());
  }

  /// Fails while programs have files of it open.
  @Override
  public void close() {
    run("umount", folder.toString());
  }

  private static void run(String... command) {
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new LabException("%s: %s".formatted(String.join(" ", command), output.strip()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }
}
