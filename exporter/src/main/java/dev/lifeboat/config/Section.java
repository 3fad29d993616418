package dev.lifeboat.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One block of the configuration: typed getters that never throw for a user's mistake.
///
/// A getter that finds a wrong value records a [Problem] and answers a harmless placeholder, so
/// that one pass finds every mistake; [ConfigFile#read] throws [ConfigException] at the end. Every
/// key that is read counts as known; [#finish] reports the others, with "did you mean". A `null`,
/// in the user's file or in `reference.conf`, means: not set.
public interface Section {
  /// The full dotted path of this block; empty for the root.
  String path();

  /// Whether the user's own file (not `reference.conf`) has this key.
  boolean has(String key);

  /// A block with its defaults from `reference.conf` beneath.
  Section section(String key);

  /// The names of the blocks under `key` (such as `stores`), in the order of their lines; the names
  /// in this block itself for the empty key.
  List<String> names(String key);

  /// A block of free names with a text each (such as `http.users`), in the order of their lines.
  /// The values are never quoted in a message: they may be hashes.
  Map<String, String> pairs(String key);

  String text(String key);

  Optional<String> optionalText(String key);

  List<String> texts(String key);

  boolean flag(String key);

  int number(String key, int min, int max);

  /// `500ms`, `5s`, `2m`, `1h`, `7d`; never a bare number, which everyone reads differently.
  Duration duration(String key, Duration min, Duration max);

  /// `64KiB`, `16 MiB`, `1GB`; never a bare number.
  ByteSize size(String key, ByteSize min, ByteSize max);

  /// An absolute path: a daemon's working folder is nobody's business.
  Path path(String key);

  Optional<Path> optionalPath(String key);

  /// An `http` or `https` address without path, query or user.
  URI address(String key);

  List<URI> addresses(String key);

  /// The constant whose lower-case, dash-separated name stands there.
  <E extends Enum<E>> E choice(String key, Class<E> type);

  SecretSource secret(String key);

  Optional<SecretSource> optionalSecret(String key);

  /// Records a mistake that only the owner of the block can see.
  void problem(String key, String message, String hint);

  /// Reports every key that nobody read. Call it last, for this block and so for those below it.
  void finish();
}
