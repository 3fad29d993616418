package dev.lifeboat.store;

import java.util.Arrays;
import java.util.Locale;

/// What an object is, by the end of its name: the one table of these ends. The names of objects are
/// made with it, and a store tells by it what is a part of a backup and what is not.
public enum ObjectKind {
  DATA(false),
  KEY(false),
  KIT(false),
  MANIFEST(false),
  /// Whose a slot is.
  CLAIM(true),
  /// The result of a verification.
  CHECK(true),
  PIN(true),
  /// That a recipient of a backup was taken away on purpose.
  REMOVED(true);

  private final boolean control;
  private final String end = "." + name().toLowerCase(Locale.ROOT);

  ObjectKind(boolean control) {
    this.control = control;
  }

  /// A name of this kind: `STEM.data`.
  public String of(String stem) {
    return stem + end;
  }

  /// Whether the name says so.
  public boolean is(String object) {
    return object.endsWith(end);
  }

  /// The name without its end.
  public String stem(String object) {
    if (!is(object)) {
      throw new IllegalArgumentException("%s is no %s".formatted(object, this));
    }
    return object.substring(0, object.length() - end.length());
  }

  /// Whether an object is a control object: small, no part of a backup, replaced and deleted at any
  /// time, hence never locked. What has no kind is none.
  public static boolean isControl(String object) {
    return Arrays.stream(values()).anyMatch(kind -> kind.control && kind.is(object));
  }

  /// Whether an object is a part of a backup, which object lock holds.
  public static boolean isBackup(String object) {
    return Arrays.stream(values()).anyMatch(kind -> !kind.control && kind.is(object));
  }
}
