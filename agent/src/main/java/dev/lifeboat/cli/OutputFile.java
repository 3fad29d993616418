package dev.lifeboat.cli;

import dev.lifeboat.daemon.Reasons;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;

/// A file that the user asked for: 0600, under its name only when it is whole, and gone otherwise.
final class OutputFile implements AutoCloseable {
  private final Path target;
  private final Path partial;
  private final FileChannel channel;
  private final OutputStream stream;
  private boolean kept;

  private OutputFile(Path target, Path partial, FileChannel channel) {
    this.target = target;
    this.partial = partial;
    this.channel = channel;
    this.stream = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
  }

  /// @param force whether a file of that name may be replaced
  static OutputFile create(Path target, boolean force) {
    if (Files.isDirectory(target)) {
      throw new CommandException(
          Exit.USAGE, "%s is a folder\nhint: name the file in it".formatted(target));
    }
    if (!force && Files.exists(target)) {
      throw new CommandException(
          Exit.USAGE,
          "%s exists and is not overwritten\nhint: choose another name, or --force"
              .formatted(target));
    }
    Path partial =
        target.resolveSibling(
            ".%s.%d.partial".formatted(target.getFileName(), ProcessHandle.current().pid()));
    try {
      Files.deleteIfExists(partial);
      return new OutputFile(
          target,
          partial,
          FileChannel.open(
              partial,
              EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))));
    } catch (IOException e) {
      throw failed(target, e);
    }
  }

  OutputStream stream() {
    return stream;
  }

  /// Everything was written: makes it durable and gives it its name.
  void keep() {
    try {
      stream.flush();
      channel.force(true);
      channel.close();
      Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
      kept = true;
    } catch (IOException e) {
      throw failed(target, e);
    }
  }

  @Override
  public void close() {
    if (kept) {
      return;
    }
    try {
      channel.close();
      Files.deleteIfExists(partial);
    } catch (IOException e) {
      throw failed(partial, e);
    }
  }

  static CommandException failed(Path file, IOException e) {
    return new CommandException(
        Exit.STORE_FAILED, "%s cannot be written: %s".formatted(file, Reasons.of(e)));
  }
}
