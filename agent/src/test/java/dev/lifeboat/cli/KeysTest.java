package dev.lifeboat.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.keys.ProtectedIdentity;
import dev.lifeboat.keys.RecipientIdentity;
import dev.lifeboat.keys.RecipientKey;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.keys.TrustedSigners;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeysTest {
  @TempDir Path folder;

  @Test
  void a_recipient_is_a_private_file_and_a_public_one() throws IOException {
    Typed typed = Typed.run("keys", "generate", "--recipient", "ops", "-o", folder.toString());

    assertEquals(Exit.OK, typed.exit(), typed.err());
    RecipientIdentity identity = RecipientIdentity.read(folder.resolve("ops.identity"));
    RecipientKey key = RecipientKey.readAll(folder.resolve("ops.recipient")).getFirst();
    assertEquals(identity.recipient(), key);
    assertEquals("rw-------", mode("ops.identity"));
    assertTrue(typed.out().contains(key.id()));
    assertFalse(typed.out().contains(identity.line().reveal()));
  }

  @Test
  void a_signer_is_a_private_file_and_a_public_one() throws IOException {
    Typed typed = Typed.run("keys", "generate", "--signer", "node-1", "-o", folder.toString());

    assertEquals(Exit.OK, typed.exit(), typed.err());
    SigningKey key = SigningKey.read(folder.resolve("node-1.signing-key"));
    assertEquals(
        key.signer(), TrustedSigners.read(folder.resolve("node-1.signer")).all().getFirst());
    assertEquals("rw-------", mode("node-1.signing-key"));
  }

  @Test
  void an_existing_file_is_never_overwritten_and_its_pair_is_not_written() throws IOException {
    Files.writeString(folder.resolve("ops.recipient"), "precious");

    Typed typed = Typed.run("keys", "generate", "--recipient", "ops", "-o", folder.toString());

    assertEquals(Exit.USAGE, typed.exit());
    assertEquals("precious", Files.readString(folder.resolve("ops.recipient")));
    assertTrue(Files.notExists(folder.resolve("ops.identity")));
  }

  @Test
  void a_name_cannot_leave_its_folder() {
    assertEquals(Exit.USAGE, Typed.run("keys", "generate", "--signer", "../x").exit());
    assertEquals(Exit.USAGE, Typed.run("keys", "generate", "--signer", "").exit());
    assertEquals(Exit.USAGE, Typed.run("keys", "generate").exit());
    assertEquals(
        Exit.USAGE, Typed.run("keys", "generate", "--signer", "a", "--recipient", "b").exit());
  }

  @Test
  void of_a_private_key_only_the_public_half_is_shown() {
    Typed _ = Typed.run("keys", "generate", "--recipient", "ops", "-o", folder.toString());
    RecipientIdentity identity = RecipientIdentity.read(folder.resolve("ops.identity"));

    Typed typed = Typed.run("keys", "show", folder.resolve("ops.identity").toString());

    assertEquals(Exit.OK, typed.exit(), typed.err());
    assertTrue(typed.out().contains(identity.recipient().toString()), typed.out());
    assertFalse(typed.out().contains(identity.line().reveal()));
  }

  @Test
  void what_is_no_key_file_is_told_without_its_content() throws IOException {
    Path file = Files.writeString(folder.resolve("x"), "hunter2 hunter2\n");

    Typed typed = Typed.run("keys", "show", file.toString());

    assertEquals(Exit.CONFIGURATION, typed.exit());
    assertFalse(typed.err().contains("hunter2"));
    assertEquals(Exit.NOT_FOUND, Typed.run("keys", "show", folder + "/none").exit());
  }

  @Test
  void a_passphrase_protects_the_private_half_and_is_asked_for_twice() throws IOException {
    String typed = "correct horse battery staple\n";
    Typed made =
        Typed.run(
            in(typed + typed),
            "keys",
            "generate",
            "--recipient",
            "ops",
            "--passphrase",
            "-o",
            folder.toString());

    assertEquals(Exit.OK, made.exit(), made.err());
    Path file = folder.resolve("ops.identity");
    assertFalse(Files.readString(file).contains("lifeboat-identity-1"));
    assertTrue(ProtectedIdentity.isProtected(file));
    Typed shown = Typed.run("keys", "show", file.toString());
    assertTrue(shown.out().contains("identity (passphrase)"), shown.out());
    assertFalse((made.out() + made.err() + shown.out()).contains("horse"));
  }

  @Test
  void two_different_or_bad_passphrases_make_no_key() throws IOException {
    String[] generate = {
      "keys", "generate", "--recipient", "ops", "--passphrase", "-o", folder.toString()
    };

    assertEquals(Exit.USAGE, Typed.run(in("correct horse a\ncorrect horse b\n"), generate).exit());
    assertEquals(Exit.USAGE, Typed.run(in("short\nshort\n"), generate).exit());
    assertEquals(Exit.USAGE, Typed.run(generate).exit());
    assertTrue(Files.notExists(folder.resolve("ops.identity")));
  }

  @Test
  void a_passphrase_comes_from_a_variable_too_and_a_signing_key_has_none() {
    String[] given = {"--passphrase-env", "WORDS", "-o", folder.toString()};
    Map<String, String> environment = Map.of("WORDS", "correct horse battery staple");

    assertEquals(Exit.OK, Typed.run(environment, generate("--recipient", given)).exit());
    assertEquals(Exit.USAGE, Typed.run(environment, generate("--signer", given)).exit());
    assertTrue(ProtectedIdentity.isProtected(folder.resolve("ops.identity")));
  }

  private static String[] generate(String kind, String... more) {
    return Stream.concat(Stream.of("keys", "generate", kind, "ops"), Stream.of(more))
        .toArray(String[]::new);
  }

  private static InputStream in(String typed) {
    return new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8));
  }

  private String mode(String file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(file)));
  }
}
