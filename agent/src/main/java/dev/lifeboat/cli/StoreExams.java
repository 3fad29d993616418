package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.Catalogue;
import dev.lifeboat.backup.Manifest;
import dev.lifeboat.daemon.OpenStores;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.store.ObjectKind;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreConfig;
import dev.lifeboat.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;

/// What `lifeboat check --live` tries in each store: that it can do what is configured, and small
/// objects put, read back, listed and deleted: one as a part of a backup would be, unless object
/// lock would keep it, and a control object.
final class StoreExams {
  private static final RandomGenerator RANDOM = RandomGenerator.of("SecureRandom");
  private static final int BYTES_MAX = 1024;

  /// S3 and SFTP tell whole seconds, and the question takes its time.
  private static final Duration CLOCK_GOOD = Duration.ofSeconds(30);

  /// By which clocks of one cluster may disagree; see RetentionPlan.
  private static final Duration CLOCK_MAX = Duration.ofMinutes(5);

  private final BackupConfig config;
  private final InstantSource clock;
  private final List<Exam> exams = new ArrayList<>();
  private OptionalLong newestBytes = OptionalLong.empty();

  private StoreExams(BackupConfig config, InstantSource clock) {
    this.config = config;
    this.clock = clock;
  }

  /// @param newestBytes how large the newest trusted backup is in a store
  record Result(List<Exam> exams, OptionalLong newestBytes) {}

  static Result of(BackupConfig config, InstantSource clock) {
    StoreExams all = new StoreExams(config, clock);
    config.stores().forEach(all::look);
    return new Result(all.exams, all.newestBytes);
  }

  private void look(StoreConfig store) {
    String topic = "store " + store.name();
    try (Store open = OpenStores.openOne(store)) {
      open.checkSetup();
      String probe = "lifeboat-doctor-%08x".formatted(RANDOM.nextInt());
      Optional<Duration> lock = open.lockTime();
      String tried = tryOut(open, ObjectKind.CHECK.of(probe));
      if (lock.isEmpty()) {
        tried = tryOut(open, probe);
      }
      List<Catalogue.Entry> entries = entries(open);
      entries.stream()
          .filter(entry -> entry.trouble().isEmpty())
          .flatMap(entry -> entry.manifest().stream())
          .findFirst()
          .map(Manifest::stored)
          .ifPresent(newest -> this.newestBytes = OptionalLong.of(newest.bytes()));
      String held = Words.count(entries.size(), "backup");
      exams.add(
          lock.isPresent()
              ? Exam.warning(
                  topic,
                  "%s, %s; no part of a backup was put: what is put stays locked for %s"
                      .formatted(tried, held, Words.count(lock.get().toDays(), "day")),
                  "lifeboat backup shows whether it takes one")
              : Exam.ok(topic, tried + ", " + held));
      exams.add(clock(open));
    } catch (StoreException e) {
      exams.add(
          store.required()
              ? Exam.wrong(topic, e, Exit.STORE_FAILED)
              : Exam.warning(
                  topic,
                  String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                  "it is not required: backups are good without it"));
    } catch (KeyException e) {
      exams.add(Exam.wrong(topic, e, Exit.CONFIGURATION));
    }
  }

  /// Leases, remains and locks are judged by the clock of the store, backups by ours.
  private Exam clock(Store open) {
    Duration ahead = Duration.between(clock.instant(), open.now());
    String topic = "clock";
    String text =
        "store %s is %d s %s of this machine"
            .formatted(
                open.name(), ahead.abs().toSeconds(), ahead.isNegative() ? "behind" : "ahead");
    if (ahead.abs().compareTo(CLOCK_GOOD) <= 0) {
      return Exam.ok(topic, "within 30 s of that of store " + open.name());
    }
    String hint = "set both clocks by NTP: timedatectl";
    return ahead.abs().compareTo(CLOCK_MAX) <= 0
        ? Exam.warning(topic, text, hint)
        : Exam.wrong(topic, text, hint, Exit.STORE_FAILED);
  }

  private List<Catalogue.Entry> entries(Store open) {
    return new Catalogue(List.of(open), TrustedSigners.read(config.trustedSignersFile())).list();
  }

  /// What is left behind when a step fails is deleted, as far as that goes.
  private static String tryOut(Store open, String object) {
    byte[] content = (object + "\n").getBytes(StandardCharsets.US_ASCII);
    if (ObjectKind.isControl(object)) {
      open.putControl(object, content);
    } else {
      open.put(object, content);
    }
    try {
      if (!Arrays.equals(content, open.read(object, BYTES_MAX))) {
        throw new StoreException(
            StoreException.Reason.CORRUPTED,
            "store %s: %s is not what was put".formatted(open.name(), object));
      }
      if (open.list().stream().noneMatch(each -> each.name().equals(object))) {
        throw new StoreException(
            StoreException.Reason.CORRUPTED,
            "store %s: %s was put and is not listed".formatted(open.name(), object));
      }
    } catch (StoreException e) {
      try {
        open.delete(object);
      } catch (StoreException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
    open.delete(object);
    return "put, read back, listed, deleted";
  }
}
