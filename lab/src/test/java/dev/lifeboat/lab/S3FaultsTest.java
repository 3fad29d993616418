package dev.lifeboat.lab;

import static dev.lifeboat.store.StoreContract.assertRefused;
import static dev.lifeboat.store.StoreContract.assertSays;
import static dev.lifeboat.store.StoreContract.bytes;
import static dev.lifeboat.store.StoreContract.file;
import static dev.lifeboat.store.StoreContract.sha256;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.config.SecretSource;
import dev.lifeboat.lab.FaultProxy.Call;
import dev.lifeboat.lab.FaultProxy.Fault;
import dev.lifeboat.lab.Minio.Kind;
import dev.lifeboat.store.S3Config.Credentials;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreContract;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.StoreException.Reason;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.s3.S3Client;

/// What a network and a tired server do to a store in a bucket: it is stored whole and said so, or
/// nothing is there and the reason is said.
class S3FaultsTest {
  private static final int PARTS = 3;
  private static final byte[] SMALL = bytes(3000, 1);
  private static final byte[] BIG = bytes((PARTS - 1) * (5 << 20) + 1000, 2);
  private static final Duration PATIENCE = Duration.ofSeconds(25);

  @TempDir static Path folder;
  private static Minio minio;
  private static S3Client somebody;
  private static String bucket;
  private static int places;

  @TempDir Path work;

  @BeforeAll
  static void start() {
    minio = Minio.start(folder.resolve("minio"));
    somebody = minio.client();
    bucket = minio.bucket("lab-faults", Kind.PLAIN);
  }

  @AfterAll
  static void stop() {
    somebody.close();
    minio.close();
  }

  private static S3Site site() {
    places++;
    return S3Site.in(minio, bucket, "place-%d/".formatted(places));
  }

  private static FaultProxy proxy(Function<Call, Fault> faults) {
    return FaultProxy.before(minio.endpoint(), faults);
  }

  private static Fault when(boolean condition, Fault fault) {
    return condition ? fault : FaultProxy.PASS;
  }

  private static boolean putsObject(Call call) {
    return call.method().equals("PUT") && !call.target().contains("partNumber");
  }

  private static boolean putsPart(Call call) {
    return call.method().equals("PUT") && call.target().contains("partNumber");
  }

  private static boolean begins(Call call) {
    return call.method().equals("POST") && call.target().contains("uploads");
  }

  private static boolean completes(Call call) {
    return call.method().equals("POST")
        && call.target().contains("uploadId")
        && !call.target().contains("uploads");
  }

  private static boolean gets(Call call) {
    return call.method().equals("GET") && call.target().contains("/object");
  }

  private void storesBig(Store store) throws Exception {
    store.put("object", file(work, BIG), sha256(BIG));
  }

  /// Asked past the proxy: one whole object, and no upload half done.
  private static void isWhole(S3Site site, byte[] content) {
    try (Store direct = site.open()) {
      assertEquals(Map.of("object", (long) content.length), StoreContract.sizes(direct));
      assertArrayEquals(content, direct.read("object", content.length));
    }
    noUploads(site);
  }

  private static void isAbsent(S3Site site) {
    try (Store direct = site.open()) {
      assertEquals(List.of(), direct.list());
    }
    noUploads(site);
  }

  private static void noUploads(S3Site site) {
    // MinIO lists the uploads of one whole key only.
    var uploads =
        somebody.listMultipartUploads(
            r -> r.bucket(site.bucket()).prefix(site.prefix() + "object"));
    assertEquals(List.of(), uploads.uploads());
  }

  @Test
  void two_answers_of_503_are_waited_out() {
    S3Site site = site();
    Fault slowDown = new Fault.Answer(503, "SlowDown");
    try (var proxy = proxy(call -> when(putsObject(call) && call.attempt() <= 2, slowDown));
        Store store = site.through(proxy).open()) {
      store.put("object", SMALL);
      assertEquals(3, proxy.calls().stream().filter(S3FaultsTest::putsObject).count());
    }
    isWhole(site, SMALL);
  }

  @Test
  void a_503_for_ever_ends_within_bounds_and_names_it() {
    S3Site site = site();
    try (var proxy = proxy(_ -> new Fault.Answer(503, "SlowDown"));
        Store store = site.through(proxy).open()) {
      StoreException e =
          assertTimeout(
              PATIENCE, () -> assertRefused(Reason.UNAVAILABLE, () -> store.put("object", SMALL)));
      assertSays("503", e);
      assertTimeout(PATIENCE, () -> assertRefused(Reason.UNAVAILABLE, store::list));
    }
    isAbsent(site);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, PARTS})
  void a_connection_cut_in_any_part_is_sent_again(int part) throws Exception {
    S3Site site = site();
    Predicate<Call> cut = call -> putsPart(call) && call.target().contains("partNumber=" + part);
    try (var proxy =
            proxy(call -> when(cut.test(call) && call.attempt() == 1, new Fault.CutRequest(500)));
        Store store = site.through(proxy).open()) {
      storesBig(store);
      assertEquals(2, proxy.calls().stream().filter(cut).count());
    }
    isWhole(site, BIG);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, PARTS})
  void a_part_that_never_arrives_fails_the_put_and_aborts_the_upload(int part) {
    S3Site site = site();
    Predicate<Call> cut = call -> putsPart(call) && call.target().contains("partNumber=" + part);
    try (var proxy = proxy(call -> when(cut.test(call), new Fault.CutRequest(500)));
        Store store = site.through(proxy).open()) {
      assertTimeout(PATIENCE, () -> assertRefused(Reason.UNAVAILABLE, () -> storesBig(store)));
    }
    isAbsent(site);
  }

  /// The calls around the parts: the one that begins an upload, and the one that puts it together.
  static Stream<Arguments> around() {
    return Stream.of(
        Arguments.of("begin", (Predicate<Call>) S3FaultsTest::begins),
        Arguments.of("complete", (Predicate<Call>) S3FaultsTest::completes));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("around")
  void a_connection_cut_before_or_after_the_parts_is_made_again(String name, Predicate<Call> cut)
      throws Exception {
    for (Fault fault : List.of(new Fault.CutRequest(0), new Fault.LoseAnswer())) {
      S3Site site = site();
      try (var proxy = proxy(call -> when(cut.test(call) && call.attempt() == 1, fault));
          Store store = site.through(proxy).open()) {
        storesBig(store);
        assertEquals(2, proxy.calls().stream().filter(cut).count());
      }
      try (Store direct = site.open()) {
        assertArrayEquals(BIG, direct.read("object", BIG.length));
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("around")
  void one_that_is_cut_there_every_time_stores_nothing(String name, Predicate<Call> cut) {
    S3Site site = site();
    try (var proxy = proxy(call -> when(cut.test(call), new Fault.CutRequest(0)));
        Store store = site.through(proxy).open()) {
      assertTimeout(PATIENCE, () -> assertRefused(Reason.UNAVAILABLE, () -> storesBig(store)));
    }
    // An upload whose beginning was not heard of is empty, and goes after a day.
    try (Store direct = site.open()) {
      assertEquals(List.of(), direct.list());
    }
  }

  @Test
  void an_upload_that_can_neither_be_finished_nor_aborted_is_no_object() {
    S3Site site = site();
    Predicate<Call> cut = call -> completes(call) || call.method().equals("DELETE");
    try (var proxy = proxy(call -> when(cut.test(call), new Fault.CutRequest(0)));
        Store store = site.through(proxy).open()) {
      assertTimeout(PATIENCE, () -> assertRefused(Reason.UNAVAILABLE, () -> storesBig(store)));
    }
    try (Store direct = site.open()) {
      assertEquals(List.of(), direct.list());
      direct.put("object", SMALL);
      assertArrayEquals(SMALL, direct.read("object", SMALL.length));
    }
  }

  @Test
  void a_slow_server_is_waited_for_as_long_as_it_says_something() {
    S3Site site = site();
    try (var proxy = proxy(_ -> new Fault.Slow(500, 300));
        Store store = site.through(proxy).open()) {
      store.put("object", SMALL);
      assertArrayEquals(SMALL, store.read("object", SMALL.length));
      assertEquals(1, store.list().size());
    }
    isWhole(site, SMALL);
  }

  @Test
  void a_server_that_forbids_is_told_and_asked_once() {
    S3Site site = site();
    try (var proxy = proxy(call -> when(putsObject(call), new Fault.Answer(403, "AccessDenied")));
        Store store = site.through(proxy).open()) {
      assertSays(
          "hint: the rights that lifeboat needs are in docs/stores.md",
          assertRefused(Reason.DENIED, () -> store.put("object", SMALL)));
      assertEquals(1, proxy.calls().stream().filter(S3FaultsTest::putsObject).count());
    }
    isAbsent(site);
    try (var proxy = proxy(_ -> new Fault.Answer(403, "AccessDenied"));
        Store store = site.through(proxy).open()) {
      assertRefused(Reason.DENIED, store::list);
      assertRefused(Reason.DENIED, () -> store.read("object", 1));
      assertRefused(Reason.DENIED, () -> store.delete("object"));
    }
  }

  @Test
  void an_answer_that_was_lost_after_the_object_was_stored_is_no_failure() throws Exception {
    S3Site small = site();
    try (var proxy =
            proxy(call -> when(putsObject(call) && call.attempt() == 1, new Fault.LoseAnswer()));
        Store store = small.through(proxy).open()) {
      store.put("object", SMALL);
    }
    isWhole(small, SMALL);

    S3Site big = site();
    try (var proxy =
            proxy(call -> when(completes(call) && call.attempt() == 1, new Fault.LoseAnswer()));
        Store store = big.through(proxy).open()) {
      storesBig(store);
    }
    isWhole(big, BIG);
  }

  @Test
  void every_answer_lost_leaves_an_object_that_is_known_for_ours() {
    S3Site site = site();
    try (var proxy = proxy(call -> when(putsObject(call), new Fault.LoseAnswer()));
        Store store = site.through(proxy).open()) {
      store.put("object", SMALL);
    }
    isWhole(site, SMALL);
  }

  @Test
  void a_byte_that_changed_on_the_way_is_refused_and_nothing_is_stored() {
    S3Site small = site();
    try (var proxy = proxy(call -> when(putsObject(call), new Fault.Alter()));
        Store store = small.through(proxy).open()) {
      assertRefused(Reason.CORRUPTED, () -> store.put("object", SMALL));
    }
    isAbsent(small);

    S3Site big = site();
    try (var proxy =
            proxy(
                call ->
                    when(
                        putsPart(call) && call.target().contains("partNumber=2"),
                        new Fault.Alter()));
        Store store = big.through(proxy).open()) {
      assertRefused(Reason.CORRUPTED, () -> storesBig(store));
    }
    isAbsent(big);
  }

  @Test
  void a_server_that_falls_silent_does_not_hang_the_run() {
    S3Site site = site();
    try (var proxy = proxy(call -> when(putsObject(call), new Fault.Silence()));
        Store store = site.through(proxy).open()) {
      StoreException e =
          assertTimeout(
              PATIENCE, () -> assertRefused(Reason.UNAVAILABLE, () -> store.put("object", SMALL)));
      assertSays("hint: can this machine reach http://127.0.0.1", e);
    }
    isAbsent(site);
    try (var proxy = proxy(_ -> new Fault.Silence());
        Store store = site.through(proxy).open()) {
      assertTimeout(PATIENCE, () -> assertRefused(Reason.UNAVAILABLE, store::list));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void an_interrupt_ends_a_put_at_once_and_stays(boolean big) throws Exception {
    S3Site site = site();
    try (var proxy = proxy(call -> when(putsObject(call) || putsPart(call), new Fault.Silence()));
        Store store = site.through(proxy).patient().open()) {
      var interrupted = new CompletableFuture<Boolean>();
      Thread thread =
          Thread.ofVirtual()
              .start(
                  () -> {
                    assertThrows(
                        StoreException.class,
                        () -> {
                          if (big) {
                            storesBig(store);
                          } else {
                            store.put("object", SMALL);
                          }
                        });
                    interrupted.complete(Thread.currentThread().isInterrupted());
                  });
      Await.until(
          "the put to begin",
          PATIENCE,
          () -> proxy.calls().stream().anyMatch(call -> putsObject(call) || putsPart(call)));
      thread.interrupt();
      assertTrue(interrupted.get(5, TimeUnit.SECONDS));
    }
    isAbsent(site);
  }

  @Test
  void a_body_that_breaks_off_or_stands_still_is_read_on_from_there() throws Exception {
    S3Site site = site();
    try (Store direct = site.open()) {
      storesBig(direct);
    }
    Function<Call, Fault> faults =
        call ->
            !gets(call)
                ? FaultProxy.PASS
                : switch (call.attempt()) {
                  case 1 -> new Fault.CutAnswer(1_000_000);
                  case 2 -> new Fault.StallAnswer(2_000_000);
                  case 3 -> new Fault.CutAnswer(0);
                  default -> FaultProxy.PASS;
                };
    try (var proxy = proxy(faults);
        Store store = site.through(proxy).open();
        InputStream in = store.open("object")) {
      assertArrayEquals(BIG, in.readAllBytes());
      assertEquals(4, proxy.calls().stream().filter(S3FaultsTest::gets).count());
    }
  }

  @Test
  void a_body_that_breaks_off_every_time_is_given_up() {
    S3Site site = site();
    try (Store direct = site.open()) {
      direct.put("object", SMALL);
    }
    try (var proxy = proxy(call -> when(gets(call), new Fault.CutAnswer(100)));
        Store store = site.through(proxy).open()) {
      StoreException e =
          assertRefused(Reason.UNAVAILABLE, () -> store.read("object", SMALL.length));
      assertSays("broke off at byte", e);
    }
  }

  @Test
  void an_object_that_was_replaced_while_it_was_read_is_not_mixed() throws Exception {
    S3Site site = site();
    try (Store direct = site.open()) {
      storesBig(direct);
    }
    try (var proxy =
            proxy(call -> when(gets(call) && call.attempt() == 1, new Fault.CutAnswer(1000)));
        Store store = site.through(proxy).open();
        InputStream in = store.open("object")) {
      var _ =
          somebody.putObject(
              r -> r.bucket(bucket).key(site.prefix() + "object"),
              software.amazon.awssdk.core.sync.RequestBody.fromBytes(bytes(BIG.length, 9)));
      StoreException e = assertThrows(StoreException.class, in::readAllBytes);
      assertEquals(Reason.UNAVAILABLE, e.reason(), e.getMessage());
    }
  }

  @Test
  void a_conflict_of_two_writers_is_tried_again() {
    S3Site site = site();
    Fault conflict = new Fault.Answer(409, "ConditionalRequestConflict");
    try (var proxy = proxy(call -> when(putsObject(call) && call.attempt() <= 3, conflict));
        Store store = site.through(proxy).open()) {
      store.put("object", SMALL);
    }
    isWhole(site, SMALL);
  }

  @Test
  void of_a_disk_that_is_full_for_real_nothing_is_believed_to_be_stored() throws Exception {
    try (var disk = Tmpfs.mount(work.resolve("disk"), "32m");
        var tiny = Minio.start(disk.folder())) {
      S3Site full = S3Site.in(tiny, tiny.bucket("lab-full", Kind.PLAIN), "");
      byte[] some = bytes(4 << 20, 3);
      try (Store store = full.open()) {
        List<String> stored = new ArrayList<>();
        StoreException e =
            assertThrows(
                StoreException.class,
                () -> {
                  while (stored.size() < 32) {
                    String object = "object-%02d".formatted(stored.size());
                    store.put(object, file(work, some), sha256(some));
                    stored.add(object);
                  }
                });
        // MinIO's words for it depend on where in the body it noticed.
        assertTrue(Set.of(Reason.FULL, Reason.UNAVAILABLE).contains(e.reason()), e.getMessage());
        assertEquals(stored, store.list().stream().map(Store.StoredObject::name).toList());
        for (String object : stored) {
          assertArrayEquals(some, store.read(object, some.length));
        }
        StoreException parts = assertThrows(StoreException.class, () -> storesBig(store));
        assertTrue(
            Set.of(Reason.FULL, Reason.UNAVAILABLE).contains(parts.reason()), parts.getMessage());
        assertEquals(stored.size(), store.list().size());
      }
    }
  }

  @Test
  void a_full_server_is_full() {
    Fault full = new Fault.Answer(507, "XMinioStorageFull");
    S3Site site = site();
    try (var proxy = proxy(call -> when(putsObject(call), full));
        Store store = site.through(proxy).open()) {
      assertTimeout(PATIENCE, () -> assertRefused(Reason.FULL, () -> store.put("object", SMALL)));
    }
    isAbsent(site);
  }

  @Test
  void expired_credentials_are_told_from_wrong_ones() throws Exception {
    S3Site site = site();
    try (var proxy = proxy(_ -> new Fault.Answer(400, "ExpiredToken"));
        Store store = site.through(proxy).open()) {
      assertSays("have expired", assertRefused(Reason.DENIED, store::list));
    }
    Path wrong = Folders.writeSecret(work.resolve("wrong"), "not-the-password");
    var credentials =
        new Credentials.Files(
            new SecretSource.FromFile(minio.accessKeyFile()),
            new SecretSource.FromFile(wrong),
            Optional.empty());
    try (Store store = site.open(credentials, Minio.KMS_KEY)) {
      StoreException e = assertRefused(Reason.DENIED, store::list);
      assertSays("SignatureDoesNotMatch", e);
      assertTrue(!String.valueOf(e.getMessage()).contains("not-the-password"), e.getMessage());
    }
    var missing =
        new Credentials.Files(
            new SecretSource.FromFile(minio.accessKeyFile()),
            new SecretSource.FromFile(work.resolve("none")),
            Optional.empty());
    try (Store store = site.open(missing, Minio.KMS_KEY)) {
      assertSays("no such file", assertRefused(Reason.DENIED, store::list));
    }
  }

  @Test
  void a_wrong_region_is_told_with_the_right_one() {
    try (Store store = site().inRegion("us-east-1").open()) {
      StoreException e = assertRefused(Reason.UNAVAILABLE, store::list);
      assertSays("set region = " + Minio.REGION, e);
      assertRefused(Reason.UNAVAILABLE, () -> store.put("object", SMALL));
    }
  }

  @Test
  void a_bucket_that_is_not_there_is_told_with_its_name() {
    try (Store store = site().inBucket("lab-none").open()) {
      StoreException e = assertRefused(Reason.UNAVAILABLE, store::list);
      assertSays("hint: create the bucket lab-none", e);
      assertRefused(Reason.UNAVAILABLE, () -> store.put("object", SMALL));
      assertRefused(Reason.UNAVAILABLE, () -> store.open("object").close());
    }
  }

  @Test
  void a_kms_key_that_is_not_there_is_no_missing_object() {
    S3Site site = site().withKms();
    var credentials =
        new Credentials.Files(
            new SecretSource.FromFile(minio.accessKeyFile()),
            new SecretSource.FromFile(minio.secretKeyFile()),
            Optional.empty());
    try (Store store = site.open(credentials, "no-such-key")) {
      StoreException e = assertRefused(Reason.UNAVAILABLE, () -> store.put("object", SMALL));
      assertSays("hint: see that the key of sse.kms-key exists", e);
    }
    isAbsent(site);
  }

  @Test
  void rights_to_ask_for_versioning_are_not_needed() {
    S3Site site = site();
    Fault denied = new Fault.Answer(403, "AccessDenied");
    try (var proxy = proxy(call -> when(call.target().contains("versioning"), denied));
        Store store = site.through(proxy).open()) {
      store.put("object", SMALL);
      assertEquals(1, store.list().size());
    }
    isWhole(site, SMALL);
  }

  @Test
  void uploads_of_dead_processes_that_may_not_be_listed_do_not_fail_the_clean_up() {
    Fault denied = new Fault.Answer(403, "AccessDenied");
    try (var proxy = proxy(call -> when(call.target().contains("uploads"), denied));
        Store store = site().through(proxy).open()) {
      store.cleanUp();
    }
  }
}
