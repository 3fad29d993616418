package dev.lifeboat.rekey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.config.Secret;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.RecipientIdentity;
import dev.lifeboat.keys.RecipientKey;
import dev.lifeboat.kms.FakeAws;
import dev.lifeboat.secretsmanager.AwsSecrets;
import dev.lifeboat.store.s3.Login;
import dev.lifeboat.unseal.Share;
import dev.lifeboat.unseal.ShareFile;
import dev.lifeboat.unseal.UnsealException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeepingTest {
  @TempDir Path folder;
  private final List<String> before = new ArrayList<>();

  private static final List<String> KEYS = FakeRekey.shares(7, 3);

  private static NewShares shares(List<String> keys) {
    return new NewShares(
        "r-1",
        Target.UNSEAL_KEY,
        new Shape(3, 2),
        "c1",
        2,
        keys.stream().map(Secret::new).toList());
  }

  private static List<String> hex(List<Share> shares) {
    return shares.stream().map(share -> share.hex().reveal()).toList();
  }

  private static List<String> hex() {
    return hex(KEYS.stream().map(FakeRekey::share).toList());
  }

  private List<String> names() throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void files_open_for_whoever_can_open_the_backups() throws Exception {
    RecipientIdentity escrow = RecipientIdentity.generate("escrow");
    RecipientIdentity stranger = RecipientIdentity.generate("stranger");
    List<RecipientKey> to = List.of(escrow.recipient());
    KeptInFiles keeping = new KeptInFiles(folder, List.of(), to, () -> Optional.of(escrow), false);

    String place = keeping.keep(shares(KEYS), before::add);

    assertEquals(List.of(place), before);
    assertEquals(List.of("r-1.1.share", "r-1.2.share", "r-1.3.share"), names());
    for (String name : names()) {
      Path file = folder.resolve(name);
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
      KEYS.forEach(key -> assertFalse(read(file).contains(key)));
    }
    assertEquals(hex().subList(0, 2), hex(keeping.readBack(place, 2).orElseThrow()));
    assertTrue(
        new KeptInFiles(folder, List.of(), to, ShareFile.Key.NONE, false)
            .readBack(place, 2)
            .isEmpty());
    assertThrows(
        UnsealException.class,
        () ->
            new KeptInFiles(folder, List.of(), to, () -> Optional.of(stranger), false)
                .readBack(place, 2));
    // Never overwritten.
    assertThrows(KeyException.class, () -> keeping.keep(shares(KEYS), before::add));
    assertTrue(keeping.words().contains("each encrypted to"), keeping.words());
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void each_custodian_opens_only_their_own() throws Exception {
    List<RecipientIdentity> all =
        Stream.of("ann b", "bob", "").map(RecipientIdentity::generate).toList();
    List<RecipientKey> keys = all.stream().map(RecipientIdentity::recipient).toList();
    KeptInFiles ann =
        new KeptInFiles(folder, keys, List.of(), () -> Optional.of(all.getFirst()), true);

    String place = ann.keep(shares(KEYS), before::add);

    assertEquals(List.of("r-1.1.ann-b.share", "r-1.2.bob.share", "r-1.3.share"), names());
    assertEquals(hex().subList(0, 1), hex(ann.readBack(place, 1).orElseThrow()));
    assertTrue(ann.readBack(place, 2).isEmpty());
    assertTrue(ann.unseen());
    assertTrue(ann.words().contains("one encrypted to each of"), ann.words());
    var foreign =
        assertThrows(
            UnsealException.class,
            () ->
                new ShareFile(folder.resolve("r-1.2.bob.share"))
                    .read(false, () -> Optional.of(all.getFirst())));
    assertTrue(String.valueOf(foreign.getMessage()).contains("it is for bob"));
  }

  @Test
  void a_file_for_pgp_is_what_the_server_gave() throws Exception {
    byte[] key = {1, 2, 3};
    Path binary = Files.write(folder.resolve("ann.gpg"), key);
    Path armored =
        Files.writeString(
            folder.resolve("bob.pub.asc"),
            """
            -----BEGIN PGP PUBLIC KEY BLOCK-----
            Comment: of bob

            AQ
            ID
            =abcd
            -----END PGP PUBLIC KEY BLOCK-----
            """);
    KeptForPgp keeping = new KeptForPgp(folder, List.of(binary, armored));
    String encrypted = Base64.getEncoder().encodeToString(new byte[100]);

    String place = keeping.keep(shares(List.of(encrypted, encrypted)), before::add);

    assertEquals(List.of("AQID", "AQID"), keeping.pgpKeys());
    String text = Files.readString(folder.resolve("r-1.2.bob.asc"));
    assertTrue(text.startsWith("-----BEGIN PGP MESSAGE-----\n\n" + encrypted.substring(0, 64)));
    assertTrue(Files.exists(folder.resolve("r-1.1.ann.asc")));
    assertTrue(keeping.readBack(place, 2).isEmpty());
    assertFalse(keeping.unseen());
    assertTrue(keeping.words().contains("PGP"), keeping.words());
    KeptForPgp missing = new KeptForPgp(folder, List.of(folder.resolve("none")));
    assertThrows(RekeyException.class, missing::pgpKeys);
  }

  @Test
  void a_secret_is_made_anew_and_read_back() throws Exception {
    try (FakeAws aws = FakeAws.open()) {
      aws.on("CreateSecret", "{\"Name\":\"keys-epoch-2\"}");
      aws.on(
          "GetSecretValue",
          "{\"SecretString\":\"{\\\"keys_base64\\\":[\\\"%s\\\"]}\"}".formatted(KEYS.getFirst()));
      KeptInSecrets keeping = new KeptInSecrets(secrets(aws), "keys");

      String place = keeping.keep(shares(KEYS), before::add);

      assertEquals("keys-epoch-2", place);
      assertTrue(aws.asked().getFirst().contains("keys_base64"));
      assertEquals(hex().subList(0, 1), hex(keeping.readBack(place, 1).orElseThrow()));
      assertTrue(keeping.words().contains("keys-epoch-N"));
    }
  }

  @Test
  void a_name_that_is_taken_is_left_and_twenty_are_enough() throws Exception {
    try (FakeAws aws = FakeAws.open()) {
      aws.on("CreateSecret", "{\"__type\":\"ResourceExistsException\",\"message\":\"no\"}");
      KeptInSecrets keeping = new KeptInSecrets(secrets(aws), "keys");

      assertThrows(RekeyException.class, () -> keeping.keep(shares(KEYS), before::add));

      assertEquals(20, before.size());
      assertEquals("keys-epoch-2-20", before.getLast());
    }
  }

  private AwsSecrets secrets(FakeAws aws) throws Exception {
    return new AwsSecrets(
        new Login(
            "unseal.aws",
            Optional.of("eu-central-1"),
            Optional.of(aws.endpoint()),
            Optional.empty()),
        FakeAws.credentials(folder));
  }
}
