package dev.lifeboat.lab;

import static dev.lifeboat.store.StoreContract.assertRefused;
import static dev.lifeboat.store.StoreContract.assertSays;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Expired;
import dev.lifeboat.backup.Expiry;
import dev.lifeboat.backup.MadeBackup;
import dev.lifeboat.backup.Milestones;
import dev.lifeboat.backup.Pin;
import dev.lifeboat.backup.Pins;
import dev.lifeboat.backup.Progress;
import dev.lifeboat.backup.Readers;
import dev.lifeboat.keys.RecipientIdentity;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.lab.FaultProxy.Fault;
import dev.lifeboat.lab.Minio.Kind;
import dev.lifeboat.retention.Period;
import dev.lifeboat.retention.RetentionPlan;
import dev.lifeboat.retention.RetentionPolicy;
import dev.lifeboat.retention.Rule;
import dev.lifeboat.store.ObjectKind;
import dev.lifeboat.store.S3Config.Lock;
import dev.lifeboat.store.S3Config.LockMode;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreContract;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.StoreException.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ObjectLockRetentionMode;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// Object lock of a real server: how long it lasts, what it keeps, and what it must not lock.
class S3LockTest {
  private static final RetentionPolicy DAILY_AND_MONTHLY =
      policy(new Rule.Count(Period.DAILY, 3), new Rule.Count(Period.MONTHLY, 12));
  private static final RetentionPolicy LAST_ONE = policy(new Rule.Count(Period.ALL, 1));

  @TempDir static Path folder;
  private static Minio minio;
  private static S3Client somebody;
  private static int places;

  @TempDir Path work;
  private final SigningKey signing = SigningKey.generate("n1");
  private final RecipientIdentity escrow = RecipientIdentity.generate("ops");
  private final Instant now = Instant.now();
  private Expiry expiry;

  @BeforeAll
  static void start() {
    minio = Minio.start(folder.resolve("minio"));
    somebody = minio.client();
    for (Kind kind : Kind.values()) {
      var _ = minio.bucket(name(kind), kind);
    }
    var _ = minio.bucket("lab-default", Kind.LOCKED);
    minio.defaultRetention("lab-default", ObjectLockRetentionMode.GOVERNANCE, 2);
  }

  @AfterAll
  static void stop() {
    somebody.close();
    minio.close();
  }

  @BeforeEach
  void expiry() {
    expiry = expiryOf(InstantSource.system());
  }

  private Expiry expiryOf(InstantSource clock) {
    return new Expiry(
        TrustedSigners.of(List.of(signing.signer())), new Readers(), clock, Milestones.NONE);
  }

  private static String name(Kind kind) {
    return "lab-" + kind.name().toLowerCase(java.util.Locale.ROOT);
  }

  private static S3Site site(String bucket) {
    places++;
    return S3Site.in(minio, bucket, "place-%d/".formatted(places));
  }

  private static S3Site locked(LockMode mode, int days) {
    return site(name(Kind.LOCKED)).locked(new Lock(mode, days));
  }

  @ParameterizedTest
  @EnumSource(names = {"GOVERNANCE", "COMPLIANCE"})
  void a_backup_that_becomes_a_monthly_one_is_locked_for_as_long_as_it_is_promised(LockMode mode) {
    S3Site site = locked(mode, 1);
    try (Store store = site.open()) {
      String monthly = put(store, now.minus(Duration.ofDays(40)));
      var _ = put(store, now.minus(Duration.ofDays(1)));
      var _ = put(store, now);
      // Lies there when the lock is extended: by version, as ever.
      hide(site, monthly + ".data");

      RetentionPlan plan = expiry.plan(store, DAILY_AND_MONTHLY, false);
      Instant promised = plan.decision(monthly).orElseThrow().lockTo().orElseThrow();
      Expired done = expiry.carryOut(store, plan, Progress.NONE);

      assertTrue(done.done(), done.toString());
      YearMonth taken = YearMonth.from(now.minus(Duration.ofDays(40)).atZone(ZoneOffset.UTC));
      YearMonth until = YearMonth.from(promised.atZone(ZoneOffset.UTC));
      assertTrue(!until.isBefore(taken.plusMonths(11)), taken + " " + until);
      assertEquals(promised, done.locked().get(monthly));
      assertEquals(Set.of(promised), locks(site, monthly, mode));
      assertEquals(3, objects(site, monthly).size());
      // The lock of the newest is still that of its put.
      assertTrue(locks(site, MadeBackup.id(now), mode).stream().allMatch(promised::isAfter));
      assertEquals(
          List.of(),
          expiryOf(InstantSource.system()).plan(store, DAILY_AND_MONTHLY, false).toLock());
      assertUndeletable(site, monthly);
    }
  }

  @Test
  void a_pin_locks_until_its_end_and_no_run_makes_a_lock_shorter() {
    S3Site site = locked(LockMode.GOVERNANCE, 20);
    Instant end = now.plus(Duration.ofDays(90)).truncatedTo(ChronoUnit.SECONDS);
    try (Store store = site.open()) {
      String pinned = put(store, now.minus(Duration.ofDays(40)));
      var _ = put(store, now);
      Pins.pin(store, new Pin(pinned, now, Optional.of(end), "ops"), signing);
      var _ = expiry.carryOut(store, expiry.plan(store, LAST_ONE, false), Progress.NONE);
      assertEquals(Set.of(end), locks(site, pinned, LockMode.GOVERNANCE));

      store.extendLock(pinned + ".data", now);
      assertEquals(1, Pins.unpin(store, pinned), "a pin is never locked");

      assertEquals(Set.of(end), locks(site, pinned, LockMode.GOVERNANCE));
      assertEquals(
          "locked until " + end,
          expiry.plan(store, LAST_ONE, false).decision(pinned).orElseThrow().reason());
    }
  }

  @Test
  void a_lock_that_cannot_be_extended_is_told_and_extended_the_next_time() {
    S3Site site = locked(LockMode.GOVERNANCE, 1);
    String monthly;
    try (Store store = site.open()) {
      monthly = put(store, now.minus(Duration.ofDays(40)));
      var _ = put(store, now);
    }
    for (Fault fault :
        List.of(new Fault.Answer(403, "AccessDenied"), new Fault.Answer(503, "SlowDown"))) {
      try (var proxy =
              FaultProxy.before(
                  minio.endpoint(),
                  call ->
                      call.target().contains(".manifest") && call.target().contains("retention")
                          ? fault
                          : FaultProxy.PASS);
          Store store = site.through(proxy).open()) {
        Expired failed =
            expiry.carryOut(store, expiry.plan(store, DAILY_AND_MONTHLY, false), Progress.NONE);
        assertEquals(Set.of(monthly), failed.unlocked().keySet());
        assertTrue(failed.unlocked().toString().contains("cannot lock s3://"), failed::toString);
        assertFalse(failed.done());
      }
    }
    try (Store store = site.open()) {
      Expired done =
          expiry.carryOut(store, expiry.plan(store, DAILY_AND_MONTHLY, false), Progress.NONE);
      assertEquals(Set.of(monthly), done.locked().keySet());
      assertEquals(1, locks(site, monthly, LockMode.GOVERNANCE).size());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"GOVERNANCE", "COMPLIANCE"})
  void what_is_locked_is_kept_for_that_reason_and_not_deleted_by_half(LockMode mode) {
    S3Site site = locked(mode, 2);
    try (Store store = site.open()) {
      String old = put(store, now.minus(Duration.ofDays(2)));
      var _ = put(store, now);

      RetentionPlan plan = expiry.plan(store, LAST_ONE, false);

      String reason = plan.decision(old).orElseThrow().reason();
      String day = Instant.now().plus(Duration.ofDays(2)).toString().substring(0, 10);
      assertTrue(reason.startsWith("locked until " + day), reason);
      assertEquals(Expired.NOTHING, expiry.carryOut(store, plan, Progress.NONE));
      assertEquals(3, objects(site, old).size());
    }
  }

  @Test
  void one_locked_object_or_a_legal_hold_keeps_the_whole_backup() {
    S3Site site = site(name(Kind.LOCKED));
    try (Store store = site.open()) {
      String old = put(store, now.minus(Duration.ofDays(3)));
      String held = put(store, now.minus(Duration.ofDays(2)));
      var _ = put(store, now.minus(Duration.ofDays(1)));
      var _ = put(store, now);
      Instant until = now.plus(Duration.ofDays(1)).truncatedTo(ChronoUnit.SECONDS);
      var _ =
          somebody.putObjectRetention(
              r ->
                  r.bucket(site.bucket())
                      .key(site.prefix() + old + ".data")
                      .retention(
                          lock ->
                              lock.mode(ObjectLockRetentionMode.GOVERNANCE)
                                  .retainUntilDate(until)));
      var _ =
          somebody.putObjectLegalHold(
              r ->
                  r.bucket(site.bucket())
                      .key(site.prefix() + held + ".data")
                      .legalHold(hold -> hold.status("ON")));

      RetentionPlan plan = expiry.plan(store, LAST_ONE, true);
      assertEquals("locked until " + until, plan.decision(old).orElseThrow().reason());
      assertEquals("locked by a legal hold", plan.decision(held).orElseThrow().reason());
      assertEquals(1, expiry.carryOut(store, plan, Progress.NONE).deleted().size());

      assertEquals(3, objects(site, old).size());
      assertEquals(3, objects(site, held).size());
      StoreException refused = assertRefused(Reason.DENIED, () -> store.delete(held + ".data"));
      assertSays("somebody has put a legal hold on it", refused);
    }
  }

  @Test
  void default_retention_in_the_only_bucket_is_refused_before_anything_is_put() {
    S3Site site = site("lab-default");
    try (Store store = site.open()) {
      for (StoreContract.Action action :
          List.<StoreContract.Action>of(
              store::checkSetup,
              () -> store.put("a.data", new byte[1]),
              () -> store.putControl("a.check", new byte[1]))) {
        StoreException refused = assertRefused(Reason.UNAVAILABLE, action);
        assertSays("s3://lab-default has a default retention (GOVERNANCE, 2 days)", refused);
        assertSays("hint: name a second bucket without one in control-bucket", refused);
      }
      // Who must restore can read what lies there.
      assertEquals(List.of(), store.list());
    }
  }

  @Test
  void with_a_control_bucket_default_retention_locks_backups_and_nothing_else() {
    S3Site site = site("lab-default").withControl(name(Kind.VERSIONED));
    try (Store store = site.open()) {
      store.checkSetup();
      String id = put(store, now);
      Pins.pin(store, new Pin(id, now, Optional.empty(), "ops"), signing);
      store.putControl("a.check", new byte[] {1});
      store.put("b.claim", new byte[] {2});

      assertEquals(3, objects(site, id).size());
      assertEquals(
          Set.of(site.prefix() + "a.check", site.prefix() + "b.claim"),
          keys(name(Kind.VERSIONED), site.prefix() + "a", site.prefix() + "b"));
      assertEquals(6, store.list().size());
      assertEquals(List.of(), store.troubles());
      assertArrayEquals(new byte[] {1}, store.read("a.check", 1));
      assertRefused(Reason.EXISTS, () -> store.putControl("a.check", new byte[] {3}));
      store.delete("a.check");
      assertEquals(1, Pins.unpin(store, id));
      assertEquals(4, store.list().size());
      assertTrue(store.lockedUntil(id + ".manifest").isPresent());
      assertRefused(Reason.DENIED, () -> store.delete(id + ".manifest"));

      // What somebody does there is seen as well, and the oldest version counts.
      hide(site.inBucket(name(Kind.VERSIONED)), "b.claim");
      assertArrayEquals(new byte[] {2}, store.read("b.claim", 1));
      var _ = store.list();
      assertEquals(
          List.of("b.claim"), store.troubles().stream().map(Store.Trouble::object).toList());
    }
  }

  @Test
  void a_pin_of_the_time_with_one_bucket_still_holds() {
    S3Site site = site(name(Kind.VERSIONED));
    String id;
    try (Store store = site.open()) {
      id = put(store, now.minus(Duration.ofDays(1)));
      var _ = put(store, now);
      Pins.pin(store, new Pin(id, now, Optional.empty(), "ops"), signing);
    }
    try (Store store = site.withControl(name(Kind.PLAIN)).open()) {
      assertEquals(
          "pinned", expiry.plan(store, LAST_ONE, false).decision(id).orElseThrow().reason());
      assertEquals(1, Pins.unpin(store, id));
      assertTrue(expiry.plan(store, LAST_ONE, false).decision(id).orElseThrow().expires());
    }
  }

  @Test
  void a_control_bucket_with_default_retention_is_refused() {
    try (Store store = site(name(Kind.LOCKED)).withControl("lab-default").open()) {
      StoreException refused =
          assertRefused(Reason.UNAVAILABLE, () -> store.putControl("a.check", new byte[1]));
      assertSays("hint: control-bucket must name a bucket without one", refused);
      assertRefused(Reason.UNAVAILABLE, store::checkSetup);
      store.put("a.data", new byte[1]);
    }
  }

  @Test
  void a_bucket_that_cannot_lock_and_one_that_is_not_there_are_told_before_the_first_backup() {
    for (Kind kind : List.of(Kind.PLAIN, Kind.VERSIONED)) {
      try (Store store = site(name(kind)).locked(new Lock(LockMode.GOVERNANCE, 1)).open()) {
        assertSays(
            "has no object lock: create one that has, or set lock.mode = none",
            assertRefused(Reason.UNAVAILABLE, store::checkSetup));
        assertRefused(Reason.UNAVAILABLE, () -> store.put("a.data", new byte[1]));
        assertEquals(List.of(), store.list());
      }
    }
    try (Store store = site("lab-none").open()) {
      assertSays(
          "hint: create the bucket lab-none", assertRefused(Reason.UNAVAILABLE, store::checkSetup));
    }
    try (Store store = site(name(Kind.PLAIN)).withControl("lab-none").open()) {
      assertSays(
          "hint: create the bucket lab-none", assertRefused(Reason.UNAVAILABLE, store::checkSetup));
    }
  }

  @Test
  void rights_to_ask_for_the_object_lock_of_the_bucket_are_not_needed() {
    S3Site site = locked(LockMode.GOVERNANCE, 1);
    try (var proxy =
            FaultProxy.before(
                minio.endpoint(),
                call ->
                    call.target().contains("object-lock")
                        ? new Fault.Answer(403, "AccessDenied")
                        : FaultProxy.PASS);
        Store store = site.through(proxy).open()) {
      store.checkSetup();
      store.put("a.data", new byte[1]);
    }
  }

  /// A whole backup, taken then.
  ///
  /// @return its id
  private String put(Store store, Instant takenAt) {
    Path made = Folders.create(work.resolve("made-" + takenAt.toEpochMilli()));
    MadeBackup.at(takenAt, signing, List.of(escrow.recipient()))
        .storeIn(made, List.of(escrow.recipient()));
    for (String object : Site.files(made)) {
      try {
        store.put(object, Files.readAllBytes(made.resolve(object)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return MadeBackup.id(takenAt);
  }

  private static RetentionPolicy policy(Rule... rules) {
    return new RetentionPolicy(List.of(rules), 50);
  }

  /// As somebody would with every right and no thought of versions.
  private static void hide(S3Site site, String object) {
    var _ = somebody.deleteObject(r -> r.bucket(site.bucket()).key(site.prefix() + object));
  }

  private static Set<String> keys(String bucket, String... prefixes) {
    Set<String> keys = new TreeSet<>();
    for (String prefix : prefixes) {
      somebody
          .listObjectsV2(r -> r.bucket(bucket).prefix(prefix))
          .contents()
          .forEach(object -> keys.add(object.key()));
    }
    return keys;
  }

  /// The versions of one backup's objects, asked past Lifeboat.
  private static Map<String, String> objects(S3Site site, String id) {
    Map<String, String> versions = new TreeMap<>();
    somebody
        .listObjectVersions(r -> r.bucket(site.bucket()).prefix(site.prefix() + id))
        .versions()
        .stream()
        .filter(version -> ObjectKind.isBackup(version.key()))
        .forEach(version -> versions.put(version.key(), version.versionId()));
    return versions;
  }

  private static Set<Instant> locks(S3Site site, String id, LockMode mode) {
    Set<Instant> locks = new TreeSet<>();
    objects(site, id)
        .forEach(
            (key, version) -> {
              var head =
                  somebody.headObject(r -> r.bucket(site.bucket()).key(key).versionId(version));
              assertEquals(mode.name(), head.objectLockModeAsString());
              locks.add(head.objectLockRetainUntilDate());
            });
    return locks;
  }

  private static void assertUndeletable(S3Site site, String id) {
    objects(site, id)
        .forEach(
            (key, version) ->
                assertThrows(
                    S3Exception.class,
                    () ->
                        somebody.deleteObject(
                            r -> r.bucket(site.bucket()).key(key).versionId(version))));
  }
}
