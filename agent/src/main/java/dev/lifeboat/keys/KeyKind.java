package dev.lifeboat.keys;

import java.util.Arrays;
import java.util.Optional;

/// The four kinds of key line, by the word that such a line begins with.
enum KeyKind {
  RECIPIENT(
      "lifeboat-recipient-1",
      "a public recipient key",
      "lifeboat keys generate --recipient NAME makes a key, whose NAME.recipient goes here"),
  IDENTITY(
      "lifeboat-identity-1",
      "a private identity",
      "it is the NAME.identity that lifeboat keys generate --recipient NAME made"),
  SIGNER(
      "lifeboat-signer-1",
      "a public signer key",
      "lifeboat keys generate --signer NODE makes a node's key, whose NODE.signer goes here, of"
          + " every node"),
  SIGNING_KEY(
      "lifeboat-signing-key-1",
      "a private signing key",
      "lifeboat keys generate --signer NODE makes this node's key, whose NODE.signing-key goes"
          + " here");

  private final String word;
  private final String words;
  private final String origin;

  KeyKind(String word, String words, String origin) {
    this.word = word;
    this.words = words;
    this.origin = origin;
  }

  /// Where such a file comes from: the hint of one that is missing.
  String origin() {
    return origin + "; see docs/keys.md";
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
