package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Milestones.Milestone;
import dev.lifeboat.vault.Product;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Memory does not depend on the size of the snapshot.
class BackupMemoryTest {
  private static final int SMALL_MEBIBYTES = 8;
  private static final int MORE_MEBIBYTES = 120;
  private static final long BOUND_KIBIBYTES = 64 << 10;

  @TempDir Path folder;

  @Test
  void a_snapshot_sixteen_times_as_large_takes_no_more_than_64_mebibytes_more_memory()
      throws IOException {
    try (var cluster = TestClusters.start(Product.OPENBAO, 1, folder)) {
      var site = Site.beside(cluster, folder.resolve("site"));
      TestClusters.fill(cluster.root(), "small", SMALL_MEBIBYTES);
      long small = peakKibibytes(site, "small");
      TestClusters.fill(cluster.root(), "large", MORE_MEBIBYTES);
      long large = peakKibibytes(site, "large");

      System.out.println(
          "peak resident memory of a backup: %d KiB at %d MiB, %d KiB at %d MiB"
              .formatted(small, SMALL_MEBIBYTES, large, SMALL_MEBIBYTES + MORE_MEBIBYTES));
      assertTrue(
          large - small < BOUND_KIBIBYTES,
          () -> "%d KiB with the small one, %d with the large".formatted(small, large));
    }
  }

  /// `VmHWM` of the real program when everything is done but to end.
  private long peakKibibytes(Site site, String name) throws IOException {
    try (var process =
        HeldMain.backup(site, Milestone.MANIFEST_STORED, folder.resolve(name + ".txt"))) {
      for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
        if (line.startsWith("VmHWM:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
      }
      throw new LabException("no VmHWM");
    }
  }
}
