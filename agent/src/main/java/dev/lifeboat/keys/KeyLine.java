package dev.lifeboat.keys;

import dev.lifeboat.keys.KeyException.Reason;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/// One key as a line of text: `KIND BASE64 COMMENT`, 32 raw bytes in canonical standard Base64.
///
/// No message made here repeats any part of the line: a private key pasted into the wrong file
/// would end in a log.
record KeyLine(byte[] raw, String comment) {
  static final int KEY_BYTES = 32;

  private static final int COMMENT_CHARS_MAX = 200;

  /// @param where the file and line for messages, or what the line was given as
  static KeyLine parse(KeyKind expected, String line, String where) {
    String[] words = line.strip().split("\\s+", 3);
    if (!words[0].equals(expected.word())) {
      throw notThisKind(expected, line.strip(), words[0], where);
    }
    if (words.length < 2) {
      throw bad(where, "the key after '" + expected.word() + "' is missing", copyAgain(expected));
    }
    return new KeyLine(key(expected, words[1], where), comment(words, where));
  }

  /// Refuses Base64 that decodes but is not what encoding the same bytes gives: two spellings of
  /// one key or signature would let a line be changed without being noticed.
  static byte[] decodeCanonical(String base64) {
    byte[] raw = Base64.getDecoder().decode(base64);
    if (!Base64.getEncoder().encodeToString(raw).equals(base64)) {
      throw new IllegalArgumentException("not canonical Base64");
    }
    return raw;
  }

  static String encode(byte[] raw) {
    return Base64.getEncoder().encodeToString(raw);
  }

  /// How people name a key: the first 16 hex digits of the SHA-256 of its public bytes.
  static String id(byte[] publicBytes) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(publicBytes);
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  static String write(KeyKind kind, String base64, String comment) {
    return comment.isEmpty()
        ? kind.word() + " " + base64
        : kind.word() + " " + base64 + " " + comment;
  }

  /// The comment as it is kept: without spaces around it; refused when it would not stay one line.
  static String requireComment(String comment) {
    String stripped = comment.strip();
    if (stripped.length() > COMMENT_CHARS_MAX) {
      throw new IllegalArgumentException(
          "the comment has %d characters, at most %d are allowed"
              .formatted(stripped.length(), COMMENT_CHARS_MAX));
    }
    if (stripped.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("the comment holds a control character");
    }
    return stripped;
  }

  private static byte[] key(KeyKind kind, String base64, String where) {
    byte[] raw;
    try {
      raw = decodeCanonical(base64);
    } catch (IllegalArgumentException e) {
      throw bad(where, "the key is not valid Base64", copyAgain(kind));
    }
    if (raw.length != KEY_BYTES) {
      int length = raw.length;
      Arrays.fill(raw, (byte) 0);
      throw bad(
          where,
          "the key is %d bytes long, expected %d".formatted(length, KEY_BYTES),
          copyAgain(kind));
    }
    return raw;
  }

  private static String comment(String[] words, String where) {
    try {
      return words.length < 3 ? "" : requireComment(words[2]);
    } catch (IllegalArgumentException e) {
      throw bad(where, String.valueOf(e.getMessage()), "shorten or retype the comment");
    }
  }

  private static KeyException notThisKind(
      KeyKind expected, String line, String word, String where) {
    var found = KeyKind.byWord(word);
    if (found.isPresent()) {
      return bad(
          where,
          "this is %s, expected %s".formatted(found.get().words(), expected.words()),
          swappedHint(expected, found.get()));
    }
    String stem = expected.word().substring(0, expected.word().lastIndexOf('-') + 1);
    if (word.matches(stem + "[0-9]{1,4}")) {
      return bad(
          where,
          "this key line is of another version than '%s'".formatted(expected.word()),
          "use the version of Lifeboat that made it, or a newer one");
    }
    return bad(
        where,
        "this is %s, expected %s, a line that begins with '%s'"
            .formatted(foreign(line), expected.words(), expected.word()),
        "make one with: lifeboat keys generate");
  }

  private static String swappedHint(KeyKind expected, KeyKind found) {
    if (found == expected.otherHalf()) {
      return expected.isPrivate()
          ? "name the private file that was made together with it"
          : "use its public line; a private key must not leave its own file";
    }
    return "recipients and identities are for reading backups, signers and signing keys for"
        + " proving who made them";
  }

  private static String foreign(String line) {
    if (line.startsWith("age1")) {
      return "an age public key";
    }
    if (line.startsWith("AGE-SECRET-KEY-")) {
      return "an age private key";
    }
    if (line.startsWith("-----BEGIN OPENSSH PRIVATE KEY")) {
      return "an OpenSSH private key";
    }
    if (line.startsWith("ssh-") || line.startsWith("ecdsa-") || line.startsWith("sk-ssh-")) {
      return "an OpenSSH public key";
    }
    if (line.startsWith("-----BEGIN PGP")) {
      return "a PGP key";
    }
    if (line.startsWith("-----BEGIN")) {
      return "a PEM file";
    }
    return "no key of Lifeboat";
  }

  private static String copyAgain(KeyKind kind) {
    return "copy the whole line again: '%s', 44 characters of Base64, a comment"
        .formatted(kind.word());
  }

  static KeyException bad(String where, String what, String hint) {
    return new KeyException(Reason.BAD_KEY_FILE, where + ": " + what + "\nhint: " + hint);
  }
}
