package dev.lifeboat.backup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.StoreException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/// What is made of a manifest, and of data, that a store gives or does not give.
final class SignedManifestTest {
  private static final BackupId ID = new BackupId("20261122T020001Z-1f2e3d4c");

  private final SigningKey key = SigningKey.generate("node-1");
  private final TrustedSigners signers = TrustedSigners.of(List.of(key.signer()));

  @Test
  void a_store_that_is_away_says_nothing_of_its_manifests() {
    Store away = answering(() -> failure(Reason.UNAVAILABLE, "the mount is gone"));

    var thrown =
        assertThrows(StoreException.class, () -> SignedManifest.read(away, ID.manifest(), signers));

    assertSame(Reason.UNAVAILABLE, thrown.reason());
  }

  @Test
  void a_manifest_that_may_not_be_read_is_a_trouble_of_that_one_backup() {
    Store denied = answering(() -> failure(Reason.DENIED, "may not be read\nhint: chmod"));

    SignedManifest manifest = SignedManifest.read(denied, ID.manifest(), signers);

    assertEquals(Optional.of("may not be read"), manifest.trouble());
    assertEquals(Optional.empty(), manifest.claimed());
  }

  @Test
  void a_trusted_signature_below_something_else_makes_no_manifest() {
    Store odd = answering(() -> key.sign("[]\n".getBytes(UTF_8)));

    SignedManifest manifest = SignedManifest.read(odd, ID.manifest(), signers);

    assertTrue(manifest.trouble().orElseThrow().startsWith("signed, but no manifest: "));
    assertEquals(Optional.empty(), manifest.trusted());
  }

  @Test
  void data_that_breaks_off_while_it_is_read_back_is_the_stores_fault() {
    Store broken =
        answering(
            () ->
                new InputStream() {
                  @Override
                  public int read() throws IOException {
                    throw new IOException("Input/output error");
                  }

                  @Override
                  public int read(byte[] buffer, int from, int length) throws IOException {
                    return read();
                  }
                });

    var thrown = assertThrows(StoreException.class, () -> StoredHash.of(broken, ID.spooled()));

    assertSame(Reason.UNAVAILABLE, thrown.reason());
    assertEquals(
        "store odd: %s cannot be read to its end: Input/output error".formatted(ID.spooled()),
        thrown.getMessage());
  }

  private static Object failure(Reason reason, String message) {
    throw new StoreException(reason, message);
  }

  /// A store named `odd` that answers whatever it is asked with the same.
  private static Store answering(Supplier<Object> answer) {
    return (Store)
        Proxy.newProxyInstance(
            Store.class.getClassLoader(),
            new Class<?>[] {Store.class},
            (_, method, _) -> method.getName().equals("name") ? "odd" : answer.get());
  }
}
