package dev.lifeboat.archive;

import com.google.errorprone.annotations.FormatMethod;
import dev.lifeboat.keys.DataKey;
import java.io.BufferedOutputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/// Measures, prints MB/s, asserts nothing; no test runs it. `java -Xmx48m -cp …
/// dev.lifeboat.archive.ContainerSpeed FOLDER MEBIBYTES ROUNDS [warm]`, the folder in memory.
final class ContainerSpeed {
  private ContainerSpeed() {}

  public static void main(String[] args) throws IOException {
    Path snap = Path.of(args[0], "speed.snap");
    Path file = Path.of(args[0], "speed.data");
    int mebibytes = Integer.parseInt(args[1]);
    if (!Files.exists(snap) || Files.size(snap) >> 20 != mebibytes) {
      write(snap, mebibytes);
    }
    if (args.length > 3) {
      long start = System.nanoTime();
      Container.warmUp();
      print("warm-up took %.2f s%n", (System.nanoTime() - start) / 1e9);
    }
    for (int round = 0; round < Integer.parseInt(args[2]); round++) {
      var key = DataKey.generate();
      long start = System.nanoTime();
      Container.Written written;
      try (InputStream in = new FileInputStream(snap.toFile());
          OutputStream out = Files.newOutputStream(file)) {
        written = Container.seal(in, out, key, "id", bytes -> {});
      }
      double seal = speed(start, snap);
      start = System.nanoTime();
      try (InputStream in = new FileInputStream(file.toFile())) {
        var _ = Container.prove(in, key, "id", written);
      }
      double prove = speed(start, snap);
      start = System.nanoTime();
      try (InputStream in = new FileInputStream(file.toFile())) {
        var _ = Container.open(in, OutputStream.nullOutputStream(), key, "id");
      }
      double open = speed(start, snap);
      start = System.nanoTime();
      try (InputStream in = new FileInputStream(snap.toFile())) {
        var _ = Snapshot.verify(in);
      }
      print(
          "round %d MB/s: seal %.0f prove %.0f open %.0f verify %.0f%n",
          round, seal, prove, open, speed(start, snap));
    }
  }

  private static double speed(long start, Path snap) throws IOException {
    return Files.size(snap) / 1e6 / ((System.nanoTime() - start) / 1e9);
  }

  @SuppressWarnings("SystemOut") // this program's output
  @FormatMethod
  private static void print(String format, Object... args) {
    System.out.printf(Locale.ROOT, format, args);
  }

  private static void write(Path snap, int mebibytes) throws IOException {
    byte[] state = new byte[1 << 20];
    new Random(7).nextBytes(state);
    long size = (long) mebibytes << 20;
    byte[] meta = Snaps.meta(size);
    var digest = HashedInput.sha256();
    for (int i = 0; i < mebibytes; i++) {
      digest.update(state);
    }
    String sums =
        "%s  state.bin\n%s  meta.json\n"
            .formatted(java.util.HexFormat.of().formatHex(digest.digest()), Snaps.sha256(meta));
    try (var out = new BufferedOutputStream(Files.newOutputStream(snap), 1 << 16);
        var gzip =
            new java.util.zip.GZIPOutputStream(out, 1 << 16) {
              {
                def.setLevel(java.util.zip.Deflater.NO_COMPRESSION);
              }
            };
        var tar = new TarArchiveOutputStream(gzip, 512)) {
      put(tar, "meta.json", meta, 1);
      put(tar, "state.bin", state, mebibytes);
      put(tar, "SHA256SUMS", sums.getBytes(java.nio.charset.StandardCharsets.UTF_8), 1);
      put(tar, "SHA256SUMS.sealed", new byte[185], 1);
    }
  }

  private static void put(TarArchiveOutputStream tar, String name, byte[] body, int times)
      throws IOException {
    var entry = new TarArchiveEntry(name);
    entry.setSize((long) body.length * times);
    tar.putArchiveEntry(entry);
    for (int i = 0; i < times; i++) {
      tar.write(body);
    }
    tar.closeArchiveEntry();
  }
}
