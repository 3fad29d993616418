package dev.lifeboat.status;

import static dev.lifeboat.status.Status.Severity.CRITICAL;
import static dev.lifeboat.status.Status.Severity.WARNING;

import dev.lifeboat.status.Status.Backup;
import dev.lifeboat.status.Status.Trouble;
import dev.lifeboat.watch.Role;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What is wrong with the backups that this node's stores hold.
///
/// Age is the active node's to report: with local stores it alone has any, and a standby that
/// complained each day would teach people to look away. A node that is sealed or gone reports it.
final class BackupTroubles {
  /// Backups may start late or take long; a quarter of the interval is neither.
  private static final double STALE_INTERVALS = 1.25;

  private BackupTroubles() {}

  static List<Trouble> of(Status.Backups backups, Role role, Duration interval, Instant now) {
    List<Trouble> found = new ArrayList<>();
    if (!standsBy(role)) {
      absent(backups, role, interval, now).ifPresent(found::add);
    }
    backups.unreadable().stream().map(BackupTroubles::unreadable).forEach(found::add);
    for (String sentence : backups.missing()) {
      found.add(
          new Trouble(
              CRITICAL,
              sentence,
              "Find out who deleted them, or whether the disk is mounted; 'lifeboat list' shows"
                  + " what the other stores have, and docs/retention.md what to do."));
    }
    backups.latest().stream().findFirst().flatMap(BackupTroubles::untrusted).ifPresent(found::add);
    for (String sentence : backups.tampered()) {
      found.add(
          new Trouble(
              CRITICAL,
              sentence,
              "Find out who or which lifecycle rule does that and stop it; the backups can still"
                  + " be read."));
    }
    for (String sentence : backups.wrong()) {
      found.add(
          new Trouble(
              CRITICAL,
              sentence,
              "Do not count on it: restore from another store or backup, take one with 'lifeboat"
                  + " backup', and look at that disk or bucket. When it is mended, 'lifeboat"
                  + " verify' it again."));
    }
    backups
        .lastFailure()
        .ifPresent(
            failure ->
                found.add(
                    new Trouble(
                        WARNING,
                        "The last backup failed: " + failure + ".",
                        "Mend that, then take one with 'lifeboat backup'.")));
    return found;
  }

  private static Trouble unreadable(Status.Unreadable store) {
    return new Trouble(
        store.required() ? CRITICAL : WARNING,
        "The store %s cannot be read: %s.".formatted(store.store(), store.why()),
        store.required()
            ? "Bring it back: no backup succeeds without it. 'lifeboat check' looks at it."
            : "Bring it back: until then backups are not in it. 'lifeboat check' looks at it.");
  }

  private static Optional<Trouble> absent(
      Status.Backups backups, Role role, Duration interval, Instant now) {
    return switch (backups.stores()) {
      case NOT_YET ->
          Optional.of(
              new Trouble(
                  WARNING,
                  "The stores have not been read yet.",
                  "Wait a moment, then look again."));
      case UNREADABLE ->
          Optional.of(
              new Trouble(
                  CRITICAL,
                  "The stores cannot be read: which backups there are is not known.",
                  "See event=store_unreadable in the agent's log, and 'lifeboat list'."));
      case READ, PARTLY -> {
        Optional<Backup> trusted =
            backups.latest().stream().filter(backup -> backup.trouble().isEmpty()).findFirst();
        yield trusted.isEmpty()
            ? Optional.of(none(backups, role))
            : stale(backups, trusted.get(), interval, now);
      }
    };
  }

  private static Trouble none(Status.Backups backups, Role role) {
    return new Trouble(
        CRITICAL,
        "There is no backup%s%s."
            .formatted(backups.latest().isEmpty() ? "" : " that can be trusted", where(backups)),
        backups.inProgress()
            ? "One is being taken now."
            : role == Role.ACTIVE
                ? "Take one with 'lifeboat backup'."
                : "Take one with 'lifeboat backup' as soon as a node is active.");
  }

  private static Optional<Trouble> stale(
      Status.Backups backups, Backup newest, Duration interval, Instant now) {
    Duration age = Duration.between(newest.takenAt(), now);
    if (interval.isZero() || age.toMillis() <= interval.toMillis() * STALE_INTERVALS) {
      return Optional.empty();
    }
    return Optional.of(
        new Trouble(
            CRITICAL,
            "The newest backup%s%s is %s old; one is due every %s."
                .formatted(
                    newest.equals(backups.latest().getFirst()) ? "" : " that can be trusted",
                    where(backups),
                    Words.span(age),
                    Words.span(interval)),
            backups.inProgress()
                ? "One is being taken now."
                : "See in the log of the active node's agent why none was taken, or take one with"
                    + " 'lifeboat backup'."));
  }

  /// What cannot be read may hold a newer one.
  private static String where(Status.Backups backups) {
    return backups.stores() == Status.Stores.PARTLY ? " in the stores that can be read" : "";
  }

  private static Optional<Trouble> untrusted(Backup newest) {
    return newest
        .trouble()
        .map(
            why ->
                new Trouble(
                    CRITICAL,
                    "The newest backup, %s, cannot be trusted: %s.".formatted(newest.id(), why),
                    "Run 'lifeboat verify %s', and find out who wrote it.".formatted(newest.id())));
  }

  private static boolean standsBy(Role role) {
    return switch (role) {
      case STANDBY, PERF_STANDBY, DR_SECONDARY -> true;
      case ACTIVE, SEALED, UNINITIALIZED, REMOVED, UNREACHABLE -> false;
    };
  }
}
