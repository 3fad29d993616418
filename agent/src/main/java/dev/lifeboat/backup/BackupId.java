package dev.lifeboat.backup;

import dev.lifeboat.store.ObjectKind;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The name of one backup, `YYYYMMDDTHHMMSSZ-xxxxxxxx`: the UTC second of its start and eight
/// random hex digits; and the names of its objects: `ID.data`, `ID.kit`, `ID.RECIPIENT.key`,
/// `ID.RECIPIENT.removed`, `ID.xxxxxxxx.pin`, `ID.xxxxxxxx.check`, and `ID.manifest` when no slot
/// names it ([ManifestName]).
///
/// Unique by the random part, even when the clock steps back; sorted by time as text.
record BackupId(String text) implements Comparable<BackupId> {
  private static final DateTimeFormatter SECOND =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final Pattern SHAPE = Pattern.compile("(\\d{8}T\\d{6}Z)-[0-9a-f]{8}");
  private static final Pattern OBJECT =
      Pattern.compile(
          "("
              + SHAPE
              + ")\\.(data|kit|manifest"
              + "|([0-9a-f]{16})\\.(?:key|removed)|[0-9a-f]{8}\\.(pin|check))");

  private static final String SPOOLED = ".spooled";

  BackupId {
    if (!isId(text)) {
      throw new IllegalArgumentException("not the id of a backup: '" + text + "'");
    }
  }

  static boolean isId(String text) {
    return SHAPE.matcher(text).matches();
  }

  static BackupId create(Instant startedAt, RandomGenerator random) {
    return new BackupId(SECOND.format(startedAt) + "-%08x".formatted(random.nextInt()));
  }

  /// The backup that an object of a store belongs to; empty for a foreign one.
  static Optional<BackupId> ofObject(String object) {
    Matcher matcher = OBJECT.matcher(object);
    return matcher.matches() ? Optional.of(new BackupId(matcher.group(1))) : Optional.empty();
  }

  /// The second in its name; empty when there is no such second.
  Optional<Instant> startedAt() {
    Matcher matcher = SHAPE.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalStateException("checked when it was made: " + text);
    }
    try {
      return Optional.of(LocalDateTime.parse(matcher.group(1), SECOND).toInstant(ZoneOffset.UTC));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  String data() {
    return ObjectKind.DATA.of(text);
  }

  /// The run's file in the spool. Never the name of an object, so that a spool that turns out to be
  /// a store's folder (a link, a mount) cannot be swept of its backups.
  String spooled() {
    return text + SPOOLED;
  }

  /// The run whose file in the spool this is.
  static Optional<BackupId> ofSpooled(String file) {
    return file.endsWith(SPOOLED) && isId(file.substring(0, file.length() - SPOOLED.length()))
        ? Optional.of(new BackupId(file.substring(0, file.length() - SPOOLED.length())))
        : Optional.empty();
  }

  String manifest() {
    return ObjectKind.MANIFEST.of(text);
  }

  String kit() {
    return ObjectKind.KIT.of(text);
  }

  String key(String recipientId) {
    return ObjectKind.KEY.of(text + "." + recipientId);
  }

  /// Whether this object is a wrapped key of this backup.
  boolean isKey(String object) {
    return object.startsWith(text + ".") && ObjectKind.KEY.is(object);
  }

  /// What says that a recipient of the manifest was taken away on purpose.
  String removed(String recipientId) {
    return ObjectKind.REMOVED.of(text + "." + recipientId);
  }

  /// A name for a pin, another one each time: a pin is replaced by a newer one, never overwritten.
  String pin(RandomGenerator random) {
    return ObjectKind.PIN.of(text + ".%08x".formatted(random.nextInt()));
  }

  /// Whether this object is a pin of this backup.
  boolean isPin(String object) {
    return object.startsWith(text + ".") && ObjectKind.PIN.is(object);
  }

  /// A name for the record of a verification, another one each time.
  String check(RandomGenerator random) {
    return ObjectKind.CHECK.of(text + ".%08x".formatted(random.nextInt()));
  }

  /// Whether this object is the record of a verification of this backup.
  boolean isCheck(String object) {
    return object.startsWith(text + ".") && ObjectKind.CHECK.is(object);
  }

  /// The recipient in the name of a wrapped key.
  String recipientOf(String keyObject) {
    return ObjectKind.KEY.stem(keyObject).substring(text.length() + 1);
  }

  @Override
  public int compareTo(BackupId other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
