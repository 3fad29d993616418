package dev.lifeboat.restore;

import dev.lifeboat.archive.Snapshot;
import dev.lifeboat.archive.SnapshotFacts;
import dev.lifeboat.backup.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.function.Consumer;

/// The files of one run beside its journal: the decrypted snapshot, the safety snapshot. 0600,
/// whole under their names.
final class Work {
  private static final FileAttribute<?> OWNER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path folder;
  private final String run;

  Work(Path folder, String run) {
    this.folder = folder;
    this.run = run;
  }

  /// What is to be brought back.
  Path snapshot() {
    return folder.resolve(run + ".snapshot");
  }

  /// What was there before.
  Path before() {
    return folder.resolve(run + ".before.snap");
  }

  /// The backup, decrypted and proven to be the one of its manifest. A file that is there already
  /// is proven anew: whoever may write to the folder may have changed it.
  Path fetch(Source source) {
    Manifest.Content plain = source.manifest().plain();
    if (!Files.isRegularFile(snapshot()) || !sha256(snapshot()).equals(plain.sha256())) {
      write(snapshot(), source::extract);
    }
    return snapshot();
  }

  /// A snapshot of what is there, proven to be whole.
  SnapshotFacts save(InputStream stream) {
    write(
        before(),
        out -> {
          try {
            var _ = stream.transferTo(out);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    try (InputStream in = Files.newInputStream(before())) {
      return Snapshot.verify(in);
    } catch (IOException e) {
      throw unusable(before(), e);
    }
  }

  void forgetSaved() {
    delete(before());
  }

  /// The decrypted snapshot is of no more use; the safety snapshot stays.
  void clear() {
    delete(snapshot());
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
      Files.deleteIfExists(partial(file));
    } catch (IOException e) {
      throw unusable(file, e);
    }
  }

  private static Path partial(Path file) {
    return file.resolveSibling("." + file.getFileName() + ".partial");
  }

  private static void write(Path file, Consumer<OutputStream> content) {
    Path partial = partial(file);
    try {
      Files.deleteIfExists(partial);
      try (FileChannel channel =
              FileChannel.open(
                  partial,
                  EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                  OWNER);
          OutputStream out = Channels.newOutputStream(channel)) {
        content.accept(out);
        channel.force(true);
      }
      Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw unusable(file, e);
    } catch (UncheckedIOException e) {
      throw unusable(file, new IOException(e.getMessage(), e));
    }
  }

  private static String sha256(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return Sha256.of(in);
    } catch (IOException e) {
      throw unusable(file, e);
    }
  }

  private static RestoreException unusable(Path file, IOException e) {
    return RestoreException.failed(
        "%s cannot be kept: %s\nhint: restore.folder needs room for a whole snapshot"
            .formatted(file, e));
  }
}
