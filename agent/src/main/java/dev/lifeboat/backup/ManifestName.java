package dev.lifeboat.backup;

import dev.lifeboat.store.ObjectKind;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The name of a manifest: `SCHEDULE-YYYYMMDDTHHMMSSZ.manifest` by the slot of a scheduled backup,
/// `ID.manifest` of any other.
///
/// A store never overwrites, so of two runs that take the same slot exactly one stores its
/// manifest, whatever they know of each other and however late they come. Data and keys are named
/// by the id of their run, which the manifest says.
final class ManifestName {
  private static final Pattern SLOT =
      Pattern.compile("([a-z][a-z0-9-]{0,31})-(\\d{8}T\\d{6}Z)\\.manifest");
  private static final DateTimeFormatter SECOND =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private ManifestName() {}

  /// The one name under which this manifest may stand. Scheduled backups of a time before schedules
  /// had names stand under their id.
  static String of(Manifest manifest) {
    return manifest
        .schedule()
        .flatMap(schedule -> manifest.slot().map(slot -> of(schedule, slot)))
        .orElse(ObjectKind.MANIFEST.of(manifest.id()));
  }

  static String of(String schedule, Instant slot) {
    return ObjectKind.MANIFEST.of(stem(schedule, slot));
  }

  /// What the names of a slot begin with.
  static String stem(String schedule, Instant slot) {
    return schedule + "-" + SECOND.format(slot);
  }

  static boolean isManifest(String object) {
    return SLOT.matcher(object).matches() || idIn(object).isPresent();
  }

  /// The backup, when the name says it.
  static Optional<BackupId> idIn(String object) {
    return BackupId.ofObject(object).filter(id -> object.equals(id.manifest()));
  }

  /// The slot, when the name says it.
  static Optional<Instant> slotIn(String object) {
    Matcher matcher = SLOT.matcher(object);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(LocalDateTime.parse(matcher.group(2), SECOND).toInstant(ZoneOffset.UTC));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
