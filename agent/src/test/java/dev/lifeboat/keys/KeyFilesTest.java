package dev.lifeboat.keys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.config.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class KeyFilesTest {
  @TempDir Path folder;

  private final RecipientIdentity identity = RecipientIdentity.generate("escrow");
  private final SigningKey signing = SigningKey.generate("node-1");

  @Test
  void a_private_key_reads_back_and_only_its_owner_can_read_it() throws IOException {
    Path file = folder.resolve("identity");

    KeyFiles.writePrivate(file, identity.line());

    assertEquals(identity.recipient(), RecipientIdentity.read(file).recipient());
    assertEquals("rw-------", mode(file));
    assertEquals(identity.line().reveal() + "\n", Files.readString(file));
    try (var files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void a_signing_key_reads_back() {
    Path file = folder.resolve("signing-key");

    KeyFiles.writePrivate(file, signing.line());

    assertEquals(signing.signer(), SigningKey.read(file).signer());
  }

  @Test
  void a_public_line_is_for_everybody() throws IOException {
    Path file = folder.resolve("recipients");

    KeyFiles.writePublic(file, identity.recipient().toString());

    assertEquals("rw-r--r--", mode(file));
    assertEquals(List.of(identity.recipient()), RecipientKey.readAll(file));
  }

  @Test
  void a_file_that_exists_is_never_overwritten() throws IOException {
    Path file = folder.resolve("identity");
    KeyFiles.writePrivate(file, identity.line());

    String message =
        refuse(() -> KeyFiles.writePrivate(file, RecipientIdentity.generate("new").line()));

    assertTrue(message.startsWith(file + ": exists already and was not changed"), message);
    assertEquals(identity.recipient(), RecipientIdentity.read(file).recipient());
    try (var files = Files.list(folder)) {
      assertEquals(1, files.count());
    }
  }

  @Test
  void a_missing_folder_is_named() {
    String message = refuse(() -> KeyFiles.writePublic(folder.resolve("no/key"), "line"));

    assertEquals(
        folder.resolve("no/key")
            + ": its folder does not exist\nhint: mkdir -p -m 700 "
            + folder.resolve("no"),
        message);
  }

  @Test
  void a_private_file_that_others_can_read_is_refused() throws IOException {
    Path file = folder.resolve("identity");
    for (String mode : List.of("rw-r-----", "rw----r--", "rw--w----", "rw-----w-")) {
      Files.writeString(file, identity.line().reveal());
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));

      assertEquals(
          "%s: others than its owner can read or change it (mode %s)\nhint: chmod 600 %s, and make"
                  .formatted(file, mode, file)
              + " a new key if somebody did",
          refuse(() -> RecipientIdentity.read(file)));
    }
  }

  /// systemd shows them readable for the group, which is only the mask of their access list.
  @Test
  void a_credential_of_systemd_is_accepted_as_it_is() throws IOException {
    Path file = folder.resolve("signing-key");
    Files.writeString(file, signing.line().reveal());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r-----"));

    assertEquals(
        "node-1", KeyFiles.readPrivate(KeyKind.SIGNING_KEY, file, folder.toString()).comment());
    assertThrows(
        KeyException.class,
        () -> KeyFiles.readPrivate(KeyKind.SIGNING_KEY, file, folder + "/elsewhere"));
  }

  @Test
  void comments_and_blank_lines_may_stand_in_a_private_file() {
    Path file = folder.resolve("identity");
    KeyFiles.writePrivate(
        file, new Secret("# the escrow key\n\n" + identity.line().reveal() + "\n\n"));

    assertEquals(identity.recipient(), RecipientIdentity.read(file).recipient());
  }

  @Test
  void a_private_file_holds_one_key() {
    Path empty = folder.resolve("empty");
    KeyFiles.writePrivate(empty, new Secret("# nothing"));
    assertEquals(
        empty
            + ": expected one line with a private identity, found 0 lines\nhint: make one with:"
            + " lifeboat keys generate",
        refuse(() -> RecipientIdentity.read(empty)));
    Path two = folder.resolve("two");
    String line = identity.line().reveal();
    KeyFiles.writePrivate(two, new Secret(line + "\n" + line));
    assertTrue(refuse(() -> RecipientIdentity.read(two)).contains("found 2 lines"));
    Path ssh = folder.resolve("id_ed25519");
    KeyFiles.writePrivate(
        ssh, new Secret("-----BEGIN OPENSSH PRIVATE KEY-----\nSECRETSECRET\n-----END"));
    String message = refuse(() -> RecipientIdentity.read(ssh));
    assertTrue(message.startsWith(ssh + ": this is an OpenSSH private key, expected"), message);
    assertTrue(!message.contains("SECRET"), message);
    Path nameless = folder.resolve("nameless");
    KeyFiles.writePrivate(nameless, new Secret(signing.line().reveal().replace(" node-1", "")));
    assertTrue(refuse(() -> SigningKey.read(nameless)).contains("node's name"));
  }

  @Test
  void a_file_that_is_not_there_is_named() {
    Path file = folder.resolve("none");
    assertEquals(
        file
            + ": no such file\nhint: it is the NAME.identity that lifeboat keys generate"
            + " --recipient NAME made; see docs/keys.md",
        refuse(() -> RecipientIdentity.read(file)));
    assertTrue(refuse(() -> RecipientKey.readAll(file)).startsWith(file + ": no such file"));
    assertTrue(refuse(() -> TrustedSigners.read(folder)).contains("cannot be read"));
  }

  @Test
  void recipients_are_listed_once_each() throws IOException {
    Path file = folder.resolve("recipients");
    RecipientKey second = RecipientIdentity.generate("live").recipient();
    Files.writeString(
        file, "# who can open backups\n\n" + identity.recipient() + "\n" + second + "\n");
    assertEquals(List.of(identity.recipient(), second), RecipientKey.readAll(file));

    Files.writeString(file, second + "\n# again\n" + second + "\n");
    assertEquals(
        "%s:3: recipient %s is in %s:1\nhint: remove one".formatted(file, second.id(), file),
        refuse(() -> RecipientKey.readAll(file)));

    Files.writeString(file, "# nobody\n");
    assertTrue(refuse(() -> RecipientKey.readAll(file)).contains("nobody could open"));

    Files.writeString(file, second + "\n" + identity.line().reveal() + "\n");
    String message = refuse(() -> RecipientKey.readAll(file));
    assertTrue(message.startsWith(file + ":2: this is a private identity"), message);

    Files.writeString(file, "#".repeat(2 << 20));
    assertTrue(refuse(() -> RecipientKey.readAll(file)).contains("are too many"));
  }

  @Test
  void signers_are_listed_once_each() throws IOException {
    Path file = folder.resolve("trusted-signers");
    Files.writeString(file, "# node 1\n" + signing.signer() + "\n");
    assertEquals(List.of(signing.signer()), TrustedSigners.read(file).all());

    Files.writeString(file, signing.signer() + "\n" + signing.signer() + "\n");
    assertTrue(refuse(() -> TrustedSigners.read(file)).contains("is in " + file + ":1"));

    Files.writeString(file, "\n");
    assertTrue(refuse(() -> TrustedSigners.read(file)).contains("no signer in it"));
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  private static String refuse(Executable call) {
    return String.valueOf(assertThrows(KeyException.class, call).getMessage());
  }
}
