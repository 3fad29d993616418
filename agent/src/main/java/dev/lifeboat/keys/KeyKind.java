package dev.lifeboat.keys;

import java.util.Arrays;
import java.util.Optional;

/// The four kinds of key line, by the word that such a line begins with.
enum KeyKind {
  RECIPIENT("lifeboat-recipient-1", "a public recipient key"),
  IDENTITY("lifeboat-identity-1", "a private identity"),
  SIGNER("lifeboat-signer-1", "a public signer key"),
  SIGNING_KEY("lifeboat-signing-key-1", "a private signing key");

  private final String word;
  private final String words;

  KeyKind(String word, String words) {
    this.word = word;
    this.words = words;
  }

  /// The first word of the line.
  String word() {
    return word;
  }

  /// For messages: `a private identity`.
  String words() {
    return words;
  }

  boolean isPrivate() {
    return this == IDENTITY || this == SIGNING_KEY;
  }

  /// The kind that belongs to the same key pair.
  KeyKind otherHalf() {
    return switch (this) {
      case RECIPIENT -> IDENTITY;
      case IDENTITY -> RECIPIENT;
      case SIGNER -> SIGNING_KEY;
      case SIGNING_KEY -> SIGNER;
    };
  }

  static Optional<KeyKind> byWord(String word) {
    return Arrays.stream(values()).filter(kind -> kind.word.equals(word)).findFirst();
  }
}
