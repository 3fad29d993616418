package dev.lifeboat.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Milestones.Milestone;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.retention.Hold;
import dev.lifeboat.retention.Item;
import dev.lifeboat.retention.Period;
import dev.lifeboat.retention.RetentionPlan;
import dev.lifeboat.retention.RetentionPolicy;
import dev.lifeboat.retention.Rule;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.local.LocalStore;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExpiryTest {
  private static final Instant NOW = Instant.parse("2026-11-22T03:00:00Z");
  private static final RetentionPolicy LAST_TWO = policy(new Rule.Count(Period.ALL, 2));

  @TempDir Path work;
  private Keyring keys;
  private Path folder;
  private Store store;
  private final Readers readers = new Readers();
  private final List<Milestone> milestones = new ArrayList<>();
  private Expiry expiry;

  @BeforeEach
  void open() throws IOException {
    keys = Keyring.in(work);
    folder = work.resolve("store");
    store = LocalStore.open("near", folder);
    expiry = new Expiry(keys.trusted(), readers, () -> NOW, milestones::add);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void what_the_policy_lets_go_is_gone_whole_and_the_rest_lost_nothing() {
    daily(4);
    Map<String, Long> before = objects();
    List<String> steps = new ArrayList<>();

    Expired expired =
        expiry.carryOut(store, plan(LAST_TWO), (stage, gone) -> steps.add(stage + " " + gone));

    assertEquals(List.of(id(19), id(20)), expired.deleted());
    assertTrue(expired.done());
    assertEquals(List.of("deleting 1", "deleting 2"), steps);
    before.keySet().removeIf(name -> name.startsWith(id(19)) || name.startsWith(id(20)));
    assertEquals(before, objects());
    assertEquals(List.of(), plan(LAST_TWO).toDelete());
    catalogue()
        .list()
        .forEach(entry -> assertTrue(catalogue().verify(entry, Optional.of(keys.escrow())).good()));
  }

  @Test
  void the_manifest_goes_first_then_keys_then_the_data() {
    daily(3);
    List<Set<String>> left = new ArrayList<>();
    Expiry watched = new Expiry(keys.trusted(), readers, () -> NOW, _ -> left.add(endings(id(20))));

    assertTrue(watched.carryOut(store, plan(LAST_TWO), Progress.NONE).done());

    assertEquals(List.of(Set.of("data", "key"), Set.of("data"), Set.of()), left);
  }

  @Test
  void a_manifest_that_stays_keeps_its_backup_whole_and_the_rest_goes_on() {
    daily(4);
    Store stubborn = faulty(id(19) + ".manifest", StoreException.Reason.DENIED);

    Expired expired = expiry.carryOut(stubborn, plan(LAST_TWO), Progress.NONE);

    assertEquals(List.of(id(20)), expired.deleted());
    assertEquals(Set.of(id(19)), expired.failed().keySet());
    assertEquals(Optional.empty(), expired.brokenOff());
    assertEquals(Set.of("data", "key", "manifest"), endings(id(19)));
  }

  @Test
  void data_that_stays_is_no_backup_and_goes_with_the_sweep_a_week_after_it_was_taken() {
    daily(4);
    Store stubborn = faulty(id(19) + ".data", StoreException.Reason.DENIED);

    Expired expired = expiry.carryOut(stubborn, plan(LAST_TWO), Progress.NONE);

    assertEquals(List.of(id(19), id(20)), expired.deleted());
    assertEquals(
        Map.of(id(19), id(19) + ".data stays: store faulty: cannot delete " + id(19) + ".data"),
        expired.failed());
    assertEquals(List.of(id(22), id(21)), catalogue().list().stream().map(e -> e.id()).toList());
    try (Spool spool = Spool.open(work.resolve("spool"))) {
      Sweep.run(List.of(store), spool, Instant.parse("2026-11-26T01:59:59Z"));
      assertEquals(Set.of("data"), endings(id(19)));
      Sweep.run(List.of(store), spool, Instant.parse("2026-11-26T02:00:01Z"));
      assertEquals(Set.of(), endings(id(19)));
    }
  }

  @Test
  void a_store_that_does_not_answer_ends_it() {
    daily(4);
    Store away = faulty(id(19) + ".manifest", StoreException.Reason.UNAVAILABLE);

    Expired expired = expiry.carryOut(away, plan(LAST_TWO), Progress.NONE);

    assertEquals(List.of(), expired.deleted());
    assertTrue(expired.brokenOff().isPresent());
    assertEquals(4, catalogue().list().size());
  }

  @Test
  void an_interrupt_ends_it_between_two_backups() {
    daily(4);
    RetentionPlan plan = plan(LAST_TWO);

    Expired expired = expiry.carryOut(store, plan, (_, _) -> Thread.currentThread().interrupt());

    assertTrue(Thread.interrupted());
    assertEquals(List.of(id(19)), expired.deleted());
    assertEquals(Optional.of("it was told to stop"), expired.brokenOff());
  }

  @Test
  void a_backup_that_is_being_read_stays_and_goes_the_next_time() {
    daily(3);
    RetentionPlan plan = plan(LAST_TWO);
    try (var _ = readers.begin(id(20));
        var _ = readers.begin(id(20))) {
      assertEquals("being read", plan(LAST_TWO).decision(id(20)).orElseThrow().reason());
      assertEquals(
          Map.of(id(20), "it is being read"), expiry.carryOut(store, plan, Progress.NONE).failed());
    }
    assertEquals(List.of(id(20)), expiry.carryOut(store, plan, Progress.NONE).deleted());
  }

  @Test
  void an_extraction_in_this_process_keeps_its_backup() {
    daily(3);
    Catalogue catalogue = new Catalogue(List.of(store), keys.trusted(), () -> NOW, readers);
    var seen = new ArrayList<String>();
    OutputStream out =
        new OutputStream() {
          @Override
          public void write(int b) {}

          @Override
          public void write(byte[] bytes, int from, int length) {
            seen.add(plan(LAST_TWO).decision(id(20)).orElseThrow().reason());
          }
        };

    catalogue.extract(catalogue.find(id(20)).orElseThrow(), keys.escrow(), out);

    assertEquals(Set.of("being read"), Set.copyOf(seen));
    assertEquals(List.of(id(20)), ids(plan(LAST_TWO).toDelete()));
  }

  @Test
  void a_backup_that_restores_nothing_pushes_out_none() throws IOException {
    daily(3);
    MadeBackup.at(at(23).minusSeconds(86_400 - 60), SigningKey.generate("forger"), List.of())
        .storeIn(folder, List.of());
    Files.write(folder.resolve(id(22) + ".data"), new byte[7]);
    Files.delete(folder.resolve(id(21) + ".data"));

    RetentionPlan plan = plan(LAST_TWO);

    assertEquals(List.of(), plan.toDelete());
    assertEquals("the only one, last 1 of 2", plan.decision(id(20)).orElseThrow().reason());
    assertEquals("not whole: its data is missing", plan.decision(id(21)).orElseThrow().reason());
    assertTrue(
        plan.decision(id(22))
            .orElseThrow()
            .reason()
            .startsWith("not whole: its data has 7 bytes, not "));
    assertTrue(
        plan.decisions().getFirst().reason().startsWith("not trusted: signed by "),
        () -> plan.decisions().getFirst().reason());
  }

  @Test
  void without_any_key_it_restores_nothing_either() {
    MadeBackup.at(at(20), keys.signing(), List.of()).storeIn(folder, List.of());

    assertEquals("not whole: it has no key", plan(LAST_TWO).decisions().getFirst().reason());
  }

  @Test
  void a_pin_holds_until_its_end_and_a_newer_one_takes_its_place() {
    daily(3);
    Pins.pin(store, pin(id(20), Optional.empty()), keys.signing());
    assertEquals("pinned", plan(LAST_TWO).decision(id(20)).orElseThrow().reason());

    Pins.pin(store, pin(id(20), Optional.of(NOW.plusSeconds(60))), keys.signing());
    assertEquals(
        "pinned until 2026-11-22T03:01:00Z",
        plan(LAST_TWO).decision(id(20)).orElseThrow().reason());
    assertEquals(1, objects().keySet().stream().filter(name -> name.endsWith(".pin")).count());

    Pins.pin(store, pin(id(20), Optional.of(NOW)), keys.signing());
    assertEquals(List.of(id(20)), expiry.carryOut(store, plan(LAST_TWO), Progress.NONE).deleted());
    assertEquals(Set.of(), endings(id(20)));
  }

  @Test
  void of_two_pins_the_newer_counts_and_unpin_takes_both() throws IOException {
    daily(3);
    Pin first = new Pin(id(20), NOW.minusSeconds(9), Optional.of(NOW.plusSeconds(1)), "ops");
    Pin second = new Pin(id(20), NOW, Optional.of(NOW.plusSeconds(99)), "ops");
    Files.write(folder.resolve(id(20) + ".00000009.pin"), keys.signing().sign(second.toJson()));
    Files.write(folder.resolve(id(20) + ".00000010.pin"), keys.signing().sign(first.toJson()));

    assertEquals(
        Optional.of(new Hold.Pinned(Optional.of(NOW.plusSeconds(99)))),
        Pins.of(store, id(20), keys.trusted()));
    assertEquals(2, Pins.unpin(store, id(20)));
    assertEquals(Optional.empty(), Pins.of(store, id(20), keys.trusted()));
  }

  @Test
  void a_pin_that_cannot_be_trusted_holds() throws IOException {
    daily(4);
    Pin other = pin(id(22), Optional.empty());
    Path pin = folder.resolve(id(20) + ".00000009.pin");
    Files.write(pin, keys.signing().sign(other.toJson()));
    assertEquals(
        "pinned, but its pin is not trusted: it is a pin of another backup, " + id(22),
        plan(LAST_TWO).decision(id(20)).orElseThrow().reason());

    Files.write(pin, SigningKey.generate("x").sign(pin(id(20), Optional.empty()).toJson()));
    assertEquals(List.of(id(19)), ids(plan(LAST_TWO).toDelete()));

    Files.write(pin, keys.signing().sign("{}\n".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    assertTrue(plan(LAST_TWO).decision(id(20)).orElseThrow().reason().contains("its type is ''"));
    Files.write(pin, new byte[Pin.BYTES_MAX + 1]);
    assertEquals(List.of(id(19)), ids(plan(LAST_TWO).toDelete()));
    assertThrows(
        IllegalArgumentException.class,
        () -> Pin.parse("nonsense".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
  }

  @Test
  void a_store_of_three_years_keeps_30_daily_and_12_monthly_ones() {
    NavigableSet<LocalDate> days = threeYears();
    RetentionPolicy policy =
        policy(new Rule.Count(Period.DAILY, 30), new Rule.Count(Period.MONTHLY, 12));

    Expired expired = expiry.carryOut(store, expiry.plan(store, policy, true), Progress.NONE);

    Set<LocalDate> expected = new TreeSet<>(List.copyOf(days.descendingSet()).subList(0, 30));
    expected.addAll(lastOfMonths(days).descendingMap().values().stream().limit(12).toList());
    assertEquals(expected, stored());
    assertEquals(days.size() - expected.size(), expired.deleted().size());
    assertEquals(3L * expected.size(), objects().size());
  }

  @Test
  void a_store_of_three_years_keeps_90_days_and_a_year_of_monthly_ones() {
    NavigableSet<LocalDate> days = threeYears();
    RetentionPolicy policy =
        policy(
            new Rule.Within(Period.ALL, Duration.ofDays(90)),
            new Rule.Within(Period.MONTHLY, Duration.ofDays(365)));

    var _ = expiry.carryOut(store, expiry.plan(store, policy, true), Progress.NONE);

    Set<LocalDate> expected = new TreeSet<>(List.copyOf(days.descendingSet()).subList(0, 90));
    lastOfMonths(days).values().stream()
        .filter(day -> day.isAfter(days.last().minusDays(365)))
        .forEach(expected::add);
    assertEquals(expected, stored());
  }

  /// A backup a day, each with its own signed manifest; the data is of the right size and no more.
  private NavigableSet<LocalDate> threeYears() {
    MadeBackup one = MadeBackup.at(at(22), keys.signing(), List.of());
    NavigableSet<LocalDate> days = new TreeSet<>();
    for (int day = 0; day <= 3 * 365; day++) {
      Instant takenAt = at(22).minus(Duration.ofDays(day));
      String id = MadeBackup.id(takenAt);
      Manifest manifest = MadeBackup.at(one.manifest(), id, takenAt);
      MadeBackup.write(folder, id + ".data", new byte[(int) manifest.stored().bytes()]);
      MadeBackup.write(folder, id + ".0123456789abcdef.key", new byte[1]);
      MadeBackup.write(folder, id + ".manifest", keys.signing().sign(manifest.toJson()));
      days.add(takenAt.atZone(ZoneOffset.UTC).toLocalDate());
    }
    return days;
  }

  private static NavigableMap<YearMonth, LocalDate> lastOfMonths(NavigableSet<LocalDate> days) {
    NavigableMap<YearMonth, LocalDate> last = new TreeMap<>();
    days.forEach(day -> last.put(YearMonth.from(day), day));
    return last;
  }

  private Set<LocalDate> stored() {
    return catalogue().list().stream()
        .map(e -> e.manifest().orElseThrow().takenAt().atZone(ZoneOffset.UTC).toLocalDate())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /// The last so many days up to the 22nd, at 02:00.
  private void daily(int count) {
    for (int day = 22; day > 22 - count; day--) {
      MadeBackup.at(at(day), keys.signing(), keys.recipients().subList(0, 1))
          .storeIn(folder, keys.recipients().subList(0, 1));
    }
  }

  private static Instant at(int day) {
    return Instant.parse("2026-11-%02dT02:00:00Z".formatted(day));
  }

  private static String id(int day) {
    return MadeBackup.id(at(day));
  }

  private static Pin pin(String id, Optional<Instant> until) {
    return new Pin(id, NOW, until, "ops at node-1");
  }

  private static RetentionPolicy policy(Rule... rules) {
    return new RetentionPolicy(List.of(rules), 50);
  }

  private RetentionPlan plan(RetentionPolicy policy) {
    return expiry.plan(store, policy, false);
  }

  private Store faulty(String stays, StoreException.Reason reason) {
    return new FaultyStore(store, _ -> false, reason, false, stays::equals);
  }

  private Catalogue catalogue() {
    return new Catalogue(List.of(store), keys.trusted());
  }

  private Map<String, Long> objects() {
    Map<String, Long> objects = new TreeMap<>();
    store.list().forEach(object -> objects.put(object.name(), object.bytes()));
    return objects;
  }

  /// The kinds of objects that are left of one backup.
  private Set<String> endings(String id) {
    return objects().keySet().stream()
        .filter(name -> name.startsWith(id))
        .map(name -> name.substring(name.lastIndexOf('.') + 1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<String> ids(List<Item> items) {
    return items.stream().map(Item::id).toList();
  }
}
