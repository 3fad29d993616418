package dev.lifeboat.keys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.config.Secret;
import dev.lifeboat.keys.KeyException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProtectedIdentityTest {
  private static final Secret PASSPHRASE = new Secret("correct horse battery staple");

  @TempDir Path folder;
  private RecipientIdentity identity;
  private Path file;

  @BeforeEach
  void a_protected_identity() {
    identity = RecipientIdentity.generate("escrow, safe 2");
    file = folder.resolve("escrow.identity");
    KeyFiles.writePrivate(file, ProtectedIdentity.protect(identity, PASSPHRASE));
  }

  @Test
  void the_passphrase_gives_the_same_identity_back() throws IOException {
    RecipientIdentity opened = ProtectedIdentity.open(file, PASSPHRASE);

    assertEquals(identity.line(), opened.line());
    assertTrue(ProtectedIdentity.isProtected(file));
    assertEquals(identity.recipient(), ProtectedIdentity.recipient(file));
    assertFalse(Files.readString(file).contains("lifeboat-identity-1"));
  }

  @Test
  void another_passphrase_opens_nothing() {
    assertSame(Reason.WRONG_KEY, refused(new Secret("correct horse battery stapler")));
  }

  /// The cipher notices nothing, the public line does.
  @Test
  void a_key_that_is_not_the_public_lines_other_half_is_refused() throws IOException {
    String other = RecipientIdentity.generate("x").recipient().toString();
    Files.writeString(file, Files.readString(file).replace(identity.recipient().toString(), other));

    assertSame(Reason.WRONG_KEY, refused(PASSPHRASE));
  }

  @Test
  void a_damaged_file_is_told_as_such() throws IOException {
    String whole = Files.readString(file);
    Files.writeString(file, whole.replaceFirst("KEY-----\n[^\n]{20}", "KEY-----\n"));
    assertSame(Reason.BAD_KEY_FILE, refused(PASSPHRASE));

    Files.writeString(file, whole.substring(whole.indexOf('\n') + 1));
    assertSame(Reason.BAD_KEY_FILE, refused(PASSPHRASE));
  }

  @Test
  void a_file_that_others_can_read_is_refused() throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

    assertSame(Reason.BAD_KEY_FILE, refused(PASSPHRASE));
  }

  @Test
  void without_a_passphrase_it_is_said_what_is_needed() {
    var e = assertThrows(KeyException.class, () -> RecipientIdentity.read(file));

    assertTrue(String.valueOf(e.getMessage()).contains("--passphrase-file"), e.getMessage());
  }

  @Test
  void a_passphrase_is_long_and_can_be_typed_anywhere() {
    assertEquals("", ProtectedIdentity.objection(PASSPHRASE));
    assertTrue(ProtectedIdentity.objection(new Secret("short")).contains("at least 12"));
    assertTrue(ProtectedIdentity.objection(new Secret("schöne lange Wörter")).contains("ASCII"));
    assertThrows(
        IllegalArgumentException.class,
        () -> ProtectedIdentity.protect(identity, new Secret("short")));
  }

  @Test
  void a_passphrase_file_has_one_line() throws IOException {
    Path passphrase =
        Files.createFile(
            folder.resolve("passphrase"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(passphrase, PASSPHRASE.reveal() + "\n");
    assertEquals(PASSPHRASE, KeyFiles.readPassphrase(passphrase));

    Files.writeString(passphrase, "one\ntwo\n");
    assertThrows(KeyException.class, () -> KeyFiles.readPassphrase(passphrase));
  }

  private Reason refused(Secret passphrase) {
    return assertThrows(KeyException.class, () -> ProtectedIdentity.open(file, passphrase))
        .reason();
  }
}
