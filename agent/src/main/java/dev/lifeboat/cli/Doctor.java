package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.daemon.ObjectiveFacts;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.RecipientKey;
import dev.lifeboat.objective.Judgement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/// Everything that `lifeboat check --live` looks at, in the order in which one would.
final class Doctor {
  /// The spool holds one backup while it is taken, and clusters grow.
  private static final int SPOOL_FACTOR = 2;

  private Doctor() {}

  static List<Exam> examine(LifeboatConfig config, InstantSource clock) {
    List<Exam> exams = new ArrayList<>(VaultExams.of(config, clock));
    if (config.backup().isEmpty()) {
      return exams;
    }
    BackupConfig backup = config.backup().get();
    StoreExams.Result stores = StoreExams.of(backup, clock);
    exams.addAll(stores.exams());
    exams.add(recipients(backup));
    exams.addAll(KmsExams.of(backup));
    DatabaseExam.of(backup).ifPresent(exams::add);
    exams.add(spool(backup.spool(), stores.newestBytes()));
    exams.addAll(schedules(backup, clock.instant()));
    exams.addAll(objectives(config, clock.instant()));
    exams.addAll(RegionExams.of(config, backup, clock));
    return exams;
  }

  private static Exam recipients(BackupConfig backup) {
    try {
      int count = RecipientKey.readAll(backup.recipientsFile()).size();
      return count == 1
          ? Exam.warning(
              "recipients",
              "1: when its private key is lost, so is every backup",
              "add a second one to %s: lifeboat keys generate --recipient"
                  .formatted(backup.recipientsFile()))
          : Exam.ok("recipients", Integer.toString(count));
    } catch (KeyException e) {
      return Exam.wrong("recipients", e, Exit.CONFIGURATION);
    }
  }

  private static Exam spool(Path spool, OptionalLong newestBytes) {
    Room room = Room.of("spool", spool);
    if (!room.good()) {
      String[] parts = room.line().split("\nhint: ", 2);
      return Exam.wrong("spool", parts[0], parts.length > 1 ? parts[1] : "", Exit.STORE_FAILED);
    }
    try {
      Path there = spool.toAbsolutePath();
      while (!Files.exists(there) && there.getParent() != null) {
        there = there.getParent();
      }
      long free = Files.getFileStore(there).getUsableSpace();
      if (newestBytes.isEmpty()) {
        return Exam.ok(
            "spool", "%s free; no backup yet to compare with".formatted(Words.size(free)));
      }
      long newest = newestBytes.getAsLong();
      String text =
          "%s free, the newest backup has %s".formatted(Words.size(free), Words.size(newest));
      return free < SPOOL_FACTOR * newest
          ? Exam.warning("spool", text, "make room for the next one in " + spool)
          : Exam.ok("spool", text);
    } catch (IOException e) {
      return Exam.wrong("spool", spool + " cannot be looked at: " + e, "", Exit.STORE_FAILED);
    }
  }

  private static List<Exam> objectives(LifeboatConfig config, Instant now) {
    List<Exam> exams = new ArrayList<>();
    for (Judgement judgement : ObjectiveFacts.judge(config, now)) {
      String text = ObjectiveText.of(judgement);
      exams.add(
          judgement.met()
              ? Exam.ok("objective", text)
              : Exam.warning(
                  "objective", text, "docs/objectives.md says what each scenario needs"));
    }
    String unmeasured =
        config.objectives().targets().entrySet().stream()
            .flatMap(
                each ->
                    each.getValue().recoveryTime().stream()
                        .map(time -> each.getKey().label() + " " + ObjectiveText.span(time)))
            .collect(Collectors.joining(", "));
    if (!unmeasured.isEmpty()) {
      exams.add(
          Exam.warning(
              "objective",
              "recovery times were not measured yet: " + unmeasured,
              "restore into a test cluster and take the time"));
    }
    return exams;
  }

  private static List<Exam> schedules(BackupConfig backup, Instant now) {
    List<Exam> exams = new ArrayList<>();
    backup
        .schedules()
        .forEach(
            (name, schedule) -> {
              Instant next = schedule.next(now);
              exams.add(
                  Exam.ok(
                      "schedule",
                      "%s, %s: next %s, then %s UTC"
                          .formatted(
                              name, schedule, Words.utc(next), Words.utc(schedule.next(next)))));
            });
    if (backup.schedules().isEmpty()) {
      exams.add(
          Exam.warning(
              "schedule",
              "none: backups are taken by hand only",
              "set backup.schedules.daily.cron"));
    }
    exams.add(
        backup
            .verification()
            .schedule()
            .map(
                schedule ->
                    Exam.ok(
                        "verification",
                        "%s: next %s UTC; %s"
                            .formatted(
                                schedule,
                                Words.utc(schedule.next(now)),
                                backup.identityFile().isPresent()
                                    ? "decrypts, with backup.identity-file"
                                    : "stored bytes, without backup.identity-file")))
            .orElseGet(
                () ->
                    Exam.warning(
                        "verification",
                        "none: stored backups are verified by hand only",
                        "set backup.verification.cron")));
    return exams;
  }
}
