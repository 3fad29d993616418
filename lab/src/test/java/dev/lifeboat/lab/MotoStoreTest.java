package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lifeboat.config.SecretSource;
import dev.lifeboat.store.S3Config;
import dev.lifeboat.store.S3Config.Credentials;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreContract;
import dev.lifeboat.store.StoreException.Reason;
import dev.lifeboat.store.s3.S3Store;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The suite of every store against moto, where moto is right. It is not where sums are concerned:
/// what it answers for the whole of an object in parts is a sum of sums, and it stores what has a
/// wrong checksum; so integrity is proven on MinIO alone.
class MotoStoreTest implements StoreContract {
  @TempDir static Path folder;
  private static Moto moto;
  private static int places;
  private final String place = "place-" + places++ + "/";

  @BeforeAll
  static void start() {
    moto = Moto.start(folder.resolve("moto"));
    moto.bucket("lab-moto");
  }

  @AfterAll
  static void stop() {
    moto.close();
  }

  /// An upload in parts that nobody completed is not listed by moto at all.
  @Override
  public void leavePartial(String object, byte[] content) {}

  /// What the contract wants cannot be had here: a sum that is not that of the object is a reason
  /// to refuse it, and then nothing may be there.
  @Override
  @Test
  public void a_big_object_is_stored_whole(@TempDir Path work) throws Exception {
    byte[] big = StoreContract.bytes(20 << 20, 3);
    Path file = StoreContract.file(work, big);
    try (Store store = open()) {
      StoreContract.assertRefused(
          Reason.CORRUPTED, () -> store.put("big.data", file, StoreContract.sha256(big)));

      assertEquals(List.of(), store.list());
    }
  }

  @Override
  public Store open() {
    return S3Store.open(
        "bucket",
        new S3Config(
            "lab-moto",
            place,
            Optional.empty(),
            Optional.of(Moto.REGION),
            Optional.of(moto.endpoint()),
            true,
            Optional.empty(),
            new Credentials.Files(
                new SecretSource.FromFile(moto.accessKeyFile()),
                new SecretSource.FromFile(moto.secretKeyFile()),
                Optional.empty()),
            S3Config.Encryption.NONE,
            S3Config.Lock.NONE,
            S3Site.PART,
            Duration.ofSeconds(10)),
        InstantSource.system());
  }
}
