package dev.lifeboat.lab;

import static dev.lifeboat.store.StoreContract.assertRefused;
import static dev.lifeboat.store.StoreContract.assertSays;
import static dev.lifeboat.store.StoreContract.bytes;
import static dev.lifeboat.store.StoreContract.file;
import static dev.lifeboat.store.StoreContract.sha256;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.lab.Minio.Kind;
import dev.lifeboat.store.S3Config.Lock;
import dev.lifeboat.store.S3Config.LockMode;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreContract;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.StoreException.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/// The suite of every store against every kind of bucket, and what only a bucket can do.
class S3StoreTest {
  private static final int MANY = 2_500;

  @TempDir static Path folder;
  private static Minio minio;
  private static S3Client somebody;
  private static int places;

  @BeforeAll
  static void start() {
    minio = Minio.start(folder.resolve("minio"));
    somebody = minio.client();
    for (Kind kind : Kind.values()) {
      var _ = minio.bucket(name(kind), kind);
    }
  }

  @AfterAll
  static void stop() {
    somebody.close();
    minio.close();
  }

  private static String name(Kind kind) {
    return "lab-" + kind.name().toLowerCase(java.util.Locale.ROOT);
  }

  /// An empty place of its own.
  private static S3Site site(Kind kind) {
    places++;
    return S3Site.in(minio, name(kind), "place-%d/".formatted(places));
  }

  abstract static class Contract implements StoreContract {
    private final S3Site site;

    Contract(S3Site site) {
      this.site = site;
    }

    @Override
    public Store open() {
      return site.open();
    }

    @Override
    public void leavePartial(String object, byte[] content) {
      String key = site.prefix() + object;
      String upload =
          somebody.createMultipartUpload(r -> r.bucket(site.bucket()).key(key)).uploadId();
      var _ =
          somebody.uploadPart(
              r -> r.bucket(site.bucket()).key(key).uploadId(upload).partNumber(1),
              RequestBody.fromBytes(content));
    }
  }

  @Nested
  class InAPlainBucket extends Contract {
    InAPlainBucket() {
      super(site(Kind.PLAIN));
    }
  }

  @Nested
  class InAVersionedBucket extends Contract {
    InAVersionedBucket() {
      super(site(Kind.VERSIONED));
    }
  }

  @Nested
  class InABucketThatCanLock extends Contract {
    InABucketThatCanLock() {
      super(site(Kind.LOCKED));
    }
  }

  @Nested
  class EncryptedWithKms extends Contract {
    EncryptedWithKms() {
      super(site(Kind.PLAIN).withKms());
    }
  }

  @Test
  void an_object_in_parts_is_encrypted_with_the_key_and_its_context(@TempDir Path work)
      throws Exception {
    S3Site site = site(Kind.PLAIN).withKms();
    byte[] content = bytes(6 << 20, 1);
    try (Store store = site.open()) {
      store.put("big", file(work, content), sha256(content));
      store.put("small", new byte[] {1});
    }
    for (String object : List.of("big", "small")) {
      var head = somebody.headObject(r -> r.bucket(site.bucket()).key(site.prefix() + object));
      assertEquals("aws:kms", head.serverSideEncryptionAsString());
      assertTrue(head.ssekmsKeyId().endsWith(Minio.KMS_KEY), head.ssekmsKeyId());
    }
  }

  @Test
  void what_somebody_deleted_or_overwrote_in_a_locked_bucket_is_listed_read_and_told()
      throws Exception {
    S3Site site = site(Kind.LOCKED).locked(new Lock(LockMode.GOVERNANCE, 2));
    try (Store store = site.open()) {
      for (String object : List.of("kept", "deleted", "overwritten")) {
        store.put(object, object.getBytes(UTF_8));
      }
      var _ = store.list();
      assertEquals(List.of(), store.troubles());

      var _ = somebody.deleteObject(r -> r.bucket(site.bucket()).key(site.prefix() + "deleted"));
      var _ =
          somebody.putObject(
              r -> r.bucket(site.bucket()).key(site.prefix() + "overwritten"),
              RequestBody.fromString("something else"));
    }

    try (Store store = site.open()) {
      assertEquals(
          Map.of("deleted", 7L, "kept", 4L, "overwritten", 11L), StoreContract.sizes(store));
      for (String object : List.of("kept", "deleted", "overwritten")) {
        assertArrayEquals(object.getBytes(UTF_8), store.read(object, 100));
      }
      assertEquals(
          List.of("deleted", "overwritten"),
          store.troubles().stream().map(Store.Trouble::object).toList());
      assertTrue(store.troubles().getFirst().sentence().contains("delete marker"));
      assertRefused(Reason.EXISTS, () -> store.put("deleted", new byte[1]));
    }
  }

  @Test
  void a_locked_object_is_not_deleted_and_the_refusal_says_until_when() {
    S3Site site = site(Kind.LOCKED).locked(new Lock(LockMode.COMPLIANCE, 3));
    try (Store store = site.open()) {
      store.put("a", new byte[] {1});

      StoreException refused = assertRefused(Reason.DENIED, () -> store.delete("a"));

      String day = Instant.now().plus(Duration.ofDays(3)).toString().substring(0, 10);
      assertSays("locked until " + day, refused);
      assertEquals(Map.of("a", 1L), StoreContract.sizes(store));
      assertEquals(List.of(), store.troubles());
    }
  }

  @Test
  void an_object_in_parts_is_locked_too(@TempDir Path work) throws Exception {
    S3Site site = site(Kind.LOCKED).locked(new Lock(LockMode.GOVERNANCE, 1));
    byte[] content = bytes(6 << 20, 2);
    try (Store store = site.open()) {
      store.put("big", file(work, content), sha256(content));
      assertRefused(Reason.DENIED, () -> store.delete("big"));
    }
  }

  @Test
  void a_lock_that_the_bucket_cannot_keep_is_refused_at_the_first_put() {
    S3Site site = site(Kind.VERSIONED).locked(new Lock(LockMode.GOVERNANCE, 1));
    try (Store store = site.open()) {
      StoreException refused =
          assertRefused(Reason.UNAVAILABLE, () -> store.put("a", new byte[] {1}));

      assertSays("has no object lock", refused);
      assertEquals(List.of(), store.list());
    }
  }

  @Test
  void what_lay_in_the_bucket_before_versioning_is_read_and_deleted() {
    places++;
    String bucket = minio.bucket("lab-grown-" + places, Kind.PLAIN);
    S3Site site = S3Site.in(minio, bucket, "");
    try (Store store = site.open()) {
      store.put("old", new byte[] {1});
    }
    var _ =
        somebody.putBucketVersioning(
            r -> r.bucket(bucket).versioningConfiguration(v -> v.status("Enabled")));
    try (Store store = site.open()) {
      store.put("new", new byte[] {2});

      assertArrayEquals(new byte[] {1}, store.read("old", 1));
      assertRefused(Reason.EXISTS, () -> store.put("old", new byte[] {3}));
      store.delete("old");
      assertEquals(Map.of("new", 1L), StoreContract.sizes(store));
    }
  }

  @Test
  void keys_of_others_and_of_other_prefixes_are_not_listed() {
    S3Site site = site(Kind.PLAIN);
    try (Store store = site.open()) {
      for (String key : List.of(site.prefix() + "below/a", site.prefix() + "a b", "elsewhere/a")) {
        var _ =
            somebody.putObject(r -> r.bucket(site.bucket()).key(key), RequestBody.fromString("x"));
      }
      store.put("a", new byte[1]);

      assertEquals(Map.of("a", 1L), StoreContract.sizes(store));
    }
  }

  @Test
  void a_listing_goes_over_many_pages_with_versions_and_without() throws Exception {
    S3Site site = site(Kind.VERSIONED);
    List<Callable<Object>> puts = new ArrayList<>();
    for (int number = 0; number < MANY; number++) {
      String key = "%sobject-%05d".formatted(site.prefix(), number);
      puts.add(
          () ->
              somebody.putObject(
                  r -> r.bucket(site.bucket()).key(key), RequestBody.fromString("x")));
    }
    try (var threads = Executors.newFixedThreadPool(4)) {
      for (var put : threads.invokeAll(puts)) {
        var _ = put.get();
      }
    }
    try (Store store = site.open()) {
      listsAll(store);
    }
    // Who may not ask for versions lists the objects alone.
    var denied = new FaultProxy.Fault.Answer(403, "AccessDenied");
    try (var proxy =
            FaultProxy.before(
                minio.endpoint(),
                call -> call.target().contains("versioning") ? denied : FaultProxy.PASS);
        Store store = site.through(proxy).open()) {
      listsAll(store);
    }
  }

  private static void listsAll(Store store) {
    long began = System.nanoTime();
    List<Store.StoredObject> listed = store.list();
    Duration took = Duration.ofNanos(System.nanoTime() - began);

    assertEquals(MANY, listed.size());
    assertEquals("object-%05d".formatted(MANY - 1), listed.getLast().name());
    assertTrue(took.compareTo(Duration.ofSeconds(15)) < 0, took.toString());
    System.getLogger(S3StoreTest.class.getName())
        .log(System.Logger.Level.INFO, "listed {0} objects in {1}", MANY, took);
  }
}
