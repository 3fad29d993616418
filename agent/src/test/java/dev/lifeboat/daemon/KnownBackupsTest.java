package dev.lifeboat.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Catalogue.Survey;
import dev.lifeboat.backup.MadeBackup;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.retention.Period;
import dev.lifeboat.retention.RetentionPolicy;
import dev.lifeboat.retention.Rule;
import dev.lifeboat.store.StoreConfig;
import dev.lifeboat.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnownBackupsTest {
  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
  private static final SigningKey KEY = SigningKey.generate("node-1");
  private static final RetentionPolicy THREE_DAYS =
      new RetentionPolicy(List.of(new Rule.Count(Period.DAILY, 3)), 50);

  @TempDir Path folder;

  @Test
  void an_emptied_store_lacks_what_it_held_and_a_restart_does_not_forget_it() {
    KnownBackups before = known(RetentionPolicy.FOR_EVER);
    assertEquals(List.of(), missing(before, days(20, 21, 22)));

    assertEquals(ids(20, 21, 22), missing(before, days()));
    KnownBackups after = known(RetentionPolicy.FOR_EVER);
    assertEquals(ids(20, 21), missing(after, days(22)));
    assertEquals(List.of(), missing(after, days(20, 21, 22)));
  }

  @Test
  void what_retention_lets_go_is_not_missing_nor_when_the_policy_is_relaxed_later() {
    KnownBackups known = known(THREE_DAYS);
    var _ = missing(known, days(18, 19, 20, 21, 22));

    assertEquals(List.of(), missing(known, days(20, 21, 22)));
    assertEquals(ids(20), missing(known, days(21, 22)));

    assertEquals(ids(20), missing(known(RetentionPolicy.FOR_EVER), days(21, 22)));
  }

  @Test
  void what_is_missing_is_forgotten_when_retention_would_have_let_it_go() {
    KnownBackups known = known(THREE_DAYS);
    var _ = missing(known, days(18, 19, 20));

    assertEquals(ids(19, 20), missing(known, days(21)));
    assertEquals(ids(20), missing(known, days(21, 22)));
    assertEquals(List.of(), missing(known(RetentionPolicy.FOR_EVER), days(20, 21, 22)));
  }

  @Test
  void a_backup_that_its_run_may_still_take_back_is_not_known_yet() {
    KnownBackups known = known(RetentionPolicy.FOR_EVER);
    Entry fresh = entry(NOON.minusSeconds(3599));

    var _ = known.missing(new Survey(List.of(fresh), Map.of()), NOON);

    assertEquals(List.of(), missing(known, days()));
  }

  @Test
  void of_a_store_that_cannot_be_read_nothing_is_said() {
    KnownBackups known = known(RetentionPolicy.FOR_EVER);
    var _ = missing(known, days(21, 22));
    var away = new StoreException(StoreException.Reason.UNAVAILABLE, "away");

    assertEquals(Map.of(), known.missing(new Survey(List.of(), Map.of("far", away)), NOON));
    assertEquals(List.of(), missing(known, days(21, 22)));
  }

  @Test
  void a_backup_that_can_no_longer_be_trusted_is_there_and_a_forged_one_is_not_learned() {
    KnownBackups known = known(RetentionPolicy.FOR_EVER);
    var _ = missing(known, days(21));
    Entry good = days(21).getFirst();
    Entry doubted =
        new Entry(good.id(), good.manifests(), good.manifest(), Optional.of("forged"), Map.of());
    Entry forged =
        new Entry("x.manifest", good.manifests(), Optional.empty(), Optional.of("no"), Map.of());

    assertEquals(List.of(), missing(known, List.of(doubted, forged)));
    assertEquals(ids(21), missing(known, List.of()));
  }

  @Test
  void another_bucket_under_the_same_name_lacks_nothing() {
    var _ = missing(known(RetentionPolicy.FOR_EVER), days(21, 22));
    var moved = List.of(new StoreConfig("far", true, new StoreConfig.Local(Path.of("/other"))));

    assertEquals(List.of(), missing(KnownBackups.open(file(), moved), days()));
  }

  @Test
  void a_damaged_file_or_none_means_that_what_is_found_is_what_should_be_there()
      throws IOException {
    for (String text :
        List.of(
            "",
            "{",
            "{}",
            "{\"type\":\"lifeboat-known-backups/2\"}",
            "{\"type\":\"lifeboat-known-backups/1\",\"places\":{\"/far\":[[\"x\"]]}}")) {
      Files.writeString(file(), text);

      KnownBackups known = known(RetentionPolicy.FOR_EVER);

      assertEquals(List.of(), missing(known, days(22)), text);
      assertEquals(ids(22), missing(known, days()), text);
    }
  }

  @Test
  void a_file_that_cannot_be_written_costs_the_memory_of_a_restart_only() throws IOException {
    Files.createDirectories(file().resolve("in-the-way"));
    KnownBackups known = known(RetentionPolicy.FOR_EVER);

    var _ = missing(known, days(22));

    assertEquals(ids(22), missing(known, days()));
  }

  private Path file() {
    return folder.resolve("known");
  }

  private KnownBackups known(RetentionPolicy policy) {
    var where = new StoreConfig.Local(Path.of("/far"));
    return KnownBackups.open(
        file(), List.of(new StoreConfig("far", true, where, policy, Optional.empty())));
  }

  private static List<String> missing(KnownBackups known, List<Entry> entries) {
    Instant now = NOON.plus(Duration.ofDays(1));
    return Objects.requireNonNull(known.missing(new Survey(entries, Map.of()), now).get("far"));
  }

  private static List<Entry> days(int... days) {
    return IntStream.of(days)
        .mapToObj(KnownBackupsTest::noon)
        .map(KnownBackupsTest::entry)
        .toList();
  }

  private static Instant noon(int day) {
    return NOON.plus(Duration.ofDays(day - 22L));
  }

  private static Entry entry(Instant takenAt) {
    MadeBackup made = MadeBackup.at(takenAt, KEY, List.of());
    return new Entry(
        made.manifest().id(),
        Map.of("far", made.manifest().id() + ".manifest"),
        Optional.of(made.manifest()),
        Optional.empty(),
        Map.of());
  }

  private static List<String> ids(int... days) {
    return IntStream.of(days).mapToObj(day -> MadeBackup.id(noon(day))).toList();
  }
}
