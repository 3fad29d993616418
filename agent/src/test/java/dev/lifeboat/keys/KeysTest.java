package dev.lifeboat.keys;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.keys.KeyException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class KeysTest {
  private static final String ID = "20261122T020000Z-1f2e3d4c";

  private final RecipientIdentity identity = RecipientIdentity.generate("escrow, safe 2");

  @Test
  void a_wrapped_data_key_opens_for_its_recipient_and_backup_only() {
    try (var dataKey = DataKey.generate()) {
      byte[] wrapped = identity.recipient().wrap(dataKey, ID);

      assertEquals(80, wrapped.length);
      assertArrayEquals(dataKey.revealBytes(), identity.unwrap(wrapped, ID).revealBytes());
      assertSame(Reason.WRONG_KEY, refuse(() -> identity.unwrap(wrapped, ID + "0")).reason());
      var other = RecipientIdentity.generate("other");
      assertSame(Reason.WRONG_KEY, refuse(() -> other.unwrap(wrapped, ID)).reason());
      for (int at = 0; at < wrapped.length; at++) {
        byte[] changed = wrapped.clone();
        changed[at] ^= 1;
        assertSame(Reason.WRONG_KEY, refuse(() -> identity.unwrap(changed, ID)).reason());
      }
      assertSame(
          Reason.BAD_DOCUMENT,
          refuse(() -> identity.unwrap(Arrays.copyOf(wrapped, 79), ID)).reason());
    }
  }

  @Test
  void every_kind_of_key_has_one_other_half_and_one_of_the_two_is_private() {
    for (KeyKind kind : KeyKind.values()) {
      assertSame(kind, kind.otherHalf().otherHalf());
      assertNotEquals(kind.isPrivate(), kind.otherHalf().isPrivate());
    }
  }

  /// Ed25519 of RFC 8032 section 7.1, test 1: the empty message.
  @Test
  void signatures_are_those_of_the_standard() {
    SignerKey signer =
        SignerKey.parse("lifeboat-signer-1 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo= node");
    byte[] signature =
        HexFormat.of()
            .parseHex(
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
                    + "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");

    assertTrue(signer.verifies(new byte[0], signature));
    assertFalse(signer.verifies(new byte[1], signature));
  }

  @Test
  void lines_parse_to_what_they_were_written_from() {
    RecipientKey recipient = identity.recipient();
    assertEquals(recipient, RecipientKey.parse(recipient.toString()));
    assertEquals(recipient, RecipientKey.parse("  " + recipient + " \r\n"));
    assertEquals(16, recipient.id().length());
    SignerKey signer = SigningKey.generate("node-1").signer();
    assertEquals(signer, SignerKey.parse(signer.toString()));
    RecipientKey silent = RecipientIdentity.generate("").recipient();
    assertEquals("lifeboat-recipient-1 " + silent.base64(), silent.toString());
    assertEquals(silent, RecipientKey.parse(silent.toString()));
  }

  @Test
  void nothing_secret_is_printed() {
    var signing = SigningKey.generate("node-1");
    assertEquals("identity of " + identity.recipient().id(), identity.toString());
    assertEquals("signing key of " + signing.signer().id(), signing.toString());
    assertEquals("***", DataKey.generate().toString());
    assertEquals("***", identity.line().toString());
  }

  @Test
  void a_closed_data_key_is_gone() {
    var dataKey = DataKey.generate();
    byte[] before = dataKey.revealBytes();

    dataKey.close();

    assertNotEquals(0, Arrays.hashCode(before));
    assertThrows(IllegalStateException.class, dataKey::revealBytes);
  }

  @Test
  void impossible_keys_are_bugs() {
    RecipientKey key = identity.recipient();
    assertThrows(
        IllegalArgumentException.class, () -> new RecipientKey("00", key.base64(), "comment"));
    assertThrows(IllegalArgumentException.class, () -> new SignerKey(key.id(), key.base64(), " "));
    assertThrows(IllegalArgumentException.class, () -> new SignerKey("00", key.base64(), "node"));
    assertThrows(IllegalArgumentException.class, () -> RecipientIdentity.generate("two\nlines"));
    assertThrows(IllegalArgumentException.class, () -> RecipientIdentity.generate("x".repeat(201)));
    assertThrows(IllegalArgumentException.class, () -> DataKey.of(new byte[16]));
  }

  @Test
  void a_recipient_whose_point_is_no_key_cannot_be_wrapped_for() {
    RecipientKey zero = RecipientKey.of(new byte[32], "zero");

    assertSame(Reason.BAD_KEY_FILE, refuse(() -> zero.wrap(DataKey.generate(), ID)).reason());
  }

  @Test
  void a_wrong_line_is_explained_and_never_repeated() {
    String key = Base64.getEncoder().encodeToString(new byte[32]);
    String[][] cases = {
      {
        "lifeboat-identity-1 " + key + " me",
        "this is a private identity, expected a public"
            + " recipient key\nhint: use its public line; a private key must not leave its own file"
      },
      {
        "lifeboat-signer-1 " + key + " me",
        "this is a public signer key, expected a public"
            + " recipient key\nhint: recipients and identities are for reading backups, signers and"
            + " signing keys for proving who made them"
      },
      {
        "lifeboat-recipient-2 " + key,
        "this key line is of another version than"
            + " 'lifeboat-recipient-1'\nhint: use the version of Lifeboat that made it, or a newer"
            + " one"
      },
      {
        "lifeboat-recipient-1",
        "the key after 'lifeboat-recipient-1' is missing\nhint: copy the"
            + " whole line again: 'lifeboat-recipient-1', 44 characters of Base64, a comment"
      },
      {"lifeboat-recipient-1 " + key.substring(0, 40), "the key is 30 bytes long, expected 32"},
      {"lifeboat-recipient-1 " + key.substring(0, 41), "the key is not valid Base64"},
      {"lifeboat-recipient-1 " + key.replace("AA=", "AB="), "the key is not valid Base64"},
      {
        "lifeboat-recipient-1 " + key + " " + "x".repeat(201),
        "the comment has 201 characters, at" + " most 200 are allowed"
      },
      {"age1" + key, "this is an age public key, expected"},
      {"AGE-SECRET-KEY-1" + key, "this is an age private key"},
      {"ssh-ed25519 " + key, "this is an OpenSSH public key"},
      {"-----BEGIN OPENSSH PRIVATE KEY-----", "this is an OpenSSH private key"},
      {"-----BEGIN PGP PUBLIC KEY BLOCK-----", "this is a PGP key"},
      {"-----BEGIN PRIVATE KEY-----", "this is a PEM file"},
      {key, "this is no key of Lifeboat"},
      {"", "this is no key of Lifeboat"},
    };
    for (String[] row : cases) {
      String message = String.valueOf(refuse(() -> RecipientKey.parse(row[0])).getMessage());

      assertEquals("recipient key: " + row[1], message.substring(0, row[1].length() + 15));
      assertFalse(message.contains("AAAA"), message);
    }
    String identityExpected =
        String.valueOf(
            refuse(() -> KeyLine.parse(KeyKind.IDENTITY, identity.recipient().toString(), "f"))
                .getMessage());
    assertEquals(
        "f: this is a public recipient key, expected a private identity\nhint: name the private"
            + " file that was made together with it",
        identityExpected);
    assertSame(
        Reason.BAD_KEY_FILE, refuse(() -> SignerKey.parse("lifeboat-signer-1 " + key)).reason());
  }

  @Test
  void a_wrapped_key_document_reads_back() {
    try (var dataKey = DataKey.generate()) {
      WrappedKey wrapped = WrappedKey.wrap(identity.recipient(), dataKey, ID);
      String json = new String(wrapped.toJson(), StandardCharsets.UTF_8);

      assertEquals(
          ("{'type':'lifeboat-wrapped-key/1','backup':'%s','recipient':'%s',"
                  + "'comment':'escrow, safe 2','wrapped':'%s'}\n")
              .replace('\'', '"')
              .formatted(ID, identity.recipient().id(), wrapped.wrapped()),
          json);
      assertEquals(wrapped, WrappedKey.parse(wrapped.toJson()));
      assertArrayEquals(dataKey.revealBytes(), wrapped.unwrap(identity, ID).revealBytes());

      for (String bad :
          new String[] {
            "",
            "{",
            "[]",
            "{}",
            json + "{}",
            json.replace("wrapped-key/1", "manifest/1"),
            json.replace(ID, "").replace("\"backup\":\"\"", "\"backup\":7"),
            json.replace("\"type\"", "\"backup\":\"x\",\"type\""),
            json.replace("\"wrapped\":\"", "\"wrapped\":\"*"),
            json + " ".repeat(20_000)
          }) {
        assertSame(
            Reason.BAD_DOCUMENT,
            refuse(() -> WrappedKey.parse(bad.getBytes(StandardCharsets.UTF_8))).reason(),
            bad);
      }
    }
  }

  private static KeyException refuse(Executable call) {
    return assertThrows(KeyException.class, call);
  }
}
