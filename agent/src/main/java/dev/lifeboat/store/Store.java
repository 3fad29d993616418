package dev.lifeboat.store;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;

/// A place that keeps objects by name. Names are `[a-zA-Z0-9._-]+`; everything is in one flat
/// space.
///
/// Obligations of every implementation, proven by one suite that runs against all of them:
///
/// - An object appears whole or not at all, under any failure, and is durable when `put` returns.
/// - Nothing is ever overwritten: `put` of a taken name throws `EXISTS` and changes nothing.
/// - `put` checks what it stored against `sha256`; on a difference it throws `CORRUPTED` and
///   nothing is there.
/// - Left-over partial objects of a dead process are never listed and are removed by [#cleanUp].
/// - Safe for use by several threads and by several processes at once.
public interface Store extends AutoCloseable {
  /// The name of its block in the configuration, and the `destination` label.
  String name();

  /// Stores a copy of a file. The source stays as it is; an implementation on the same file system
  /// may share its blocks.
  ///
  /// @param sha256 lower-case hex of the file's bytes
  void put(String object, Path source, String sha256);

  /// Stores a small object.
  void put(String object, byte[] content);

  /// The object from its first byte; `NOT_FOUND` when it is not there. The caller closes it.
  InputStream open(String object);

  /// All of a small object; one larger than `maxBytes` is `CORRUPTED`.
  byte[] read(String object, int maxBytes);

  /// Every object, sorted by name.
  List<StoredObject> list();

  /// Idempotent: deleting what is not there is done.
  void delete(String object);

  /// Removes what dead processes left behind. Never touches a whole object.
  void cleanUp();

  @Override
  void close();

  record StoredObject(String name, long bytes) {}
}
