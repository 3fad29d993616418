package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/// A small file system in memory, so that a disk can be full or read-only for real. Needs root.
final class Tmpfs implements AutoCloseable {
  private final Path folder;

  private Tmpfs(Path folder) {
    this.folder = folder;
  }

  static Tmpfs mount(Path folder, String size) {
    Folders.create(folder);
    run("mount", "-t", "tmpfs", "-o", "mode=0700,size=" + size, "lifeboat-test", folder.toString());
    return new Tmpfs(folder);
  }

  Path folder() {
    return folder;
  }

  void readOnly() {
    run("mount", "-o", "remount,ro", folder.toString());
  }

  @Override
  public void close() {
    run("umount", folder.toString());
  }

  private static void run(String... command) {
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor(), () -> List.of(command) + ": " + output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }
}
