package dev.lifeboat.store;

import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A place that keeps objects by name. Names are as [#checkedName] says; everything is in one flat
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

  /// Stores a copy of a file. The source stays as it is.
  ///
  /// @param sha256 lower-case hex of the file's bytes
  void put(String object, Path source, String sha256);

  /// [#put] of a file that the caller wrote, made durable and has just read back and proven, and
  /// that it will never change, only unlink. An implementation on the same file system may then
  /// share its blocks instead of copying and proving them a second time; every other one does what
  /// [#put] does.
  default void adopt(String object, Path source, String sha256) {
    put(object, source, sha256);
  }

  /// [#adopt] again, after the process that began it died: what it had sent may be used.
  default void resume(String object, Path source, String sha256) {
    adopt(object, source, sha256);
  }

  /// Stores a small object.
  void put(String object, byte[] content);

  /// Stores a small object that is no part of a backup: a claim, the result of a verification. It
  /// is never locked, whatever the store does with backups.
  ///
  /// @param object a name that says so, as [#checkedControl] has it
  default void putControl(String object, byte[] content) {
    put(checkedControl(object), content);
  }

  /// The object from its first byte; `NOT_FOUND` when it is not there. The caller closes it.
  InputStream open(String object);

  /// All of a small object; one larger than `maxBytes` is `CORRUPTED`.
  byte[] read(String object, int maxBytes);

  /// Every object, sorted by name.
  List<StoredObject> list();

  /// Idempotent: deleting what is not there is done.
  void delete(String object);

  /// What the last [#list] saw that somebody else did to whole objects: covered them by a delete
  /// marker or by another version. They are listed and read all the same. From memory, at once.
  default List<Trouble> troubles() {
    return List.of();
  }

  /// Asks whether the place can be used as it is configured, whatever it holds; changes nothing.
  /// What can only be found out by a put is not.
  default void checkSetup() {}

  /// For how long a part of a backup is locked when it is put; empty when it is not. As configured,
  /// at once.
  default Optional<Duration> lockTime() {
    return Optional.empty();
  }

  /// Until when the store itself lets nobody delete the object; [Instant#MAX] when that has no end.
  /// Empty when it would let it go, or nothing is there.
  default Optional<Instant> lockedUntil(String object) {
    return Optional.empty();
  }

  /// Locks an object until then at the least; never shortens a lock. A store that has no
  /// [#lockTime] does nothing.
  default void extendLock(String object, Instant until) {}

  /// What the store's own clock says, to a second or better: the one of which
  /// [StoredObject#modified] is a reading. Never this machine's, unless the store is on it.
  Instant now();

  /// Removes what dead processes left behind. Never touches a whole object.
  void cleanUp();

  @Override
  void close();

  /// @param modified when it was stored, by the store's own clock
  /// @param version opaque; two listings with the same name and version mean the same bytes. A
  ///   store that has nothing better makes it of size and time, which whoever may write there can
  ///   forge
  record StoredObject(String name, long bytes, Instant modified, String version) {}

  /// @param sentence what happened to the object, in lower case
  record Trouble(String object, String sentence) {}

  /// The name itself when it is a good one: 1 to 200 of `[a-zA-Z0-9._-]`, the first a letter or a
  /// digit, so that no name can leave its folder, hide in it or look like an option. A wrong one is
  /// a bug of the caller, hence [IllegalArgumentException].
  static String checkedName(String object) {
    if (!isName(object)) {
      throw new IllegalArgumentException("not a name for a stored object: '" + object + "'");
    }
    return object;
  }

  /// The name itself when it is that of a control object: a store may keep those elsewhere, and has
  /// nothing but the name to find them by. Another one is a bug of the caller.
  static String checkedControl(String object) {
    if (!ObjectKind.isControl(object)) {
      throw new IllegalArgumentException(
          "not a name for a control object: '%s'; see ObjectKind".formatted(object));
    }
    return checkedName(object);
  }

  /// Whether [#checkedName] would let it pass.
  static boolean isName(String object) {
    return object.matches("[a-zA-Z0-9][a-zA-Z0-9._-]{0,199}");
  }
}
