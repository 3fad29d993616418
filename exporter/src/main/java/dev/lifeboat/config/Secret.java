package dev.lifeboat.config;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/// A value that must never be printed: token, secret id, password, private key.
///
/// `toString` answers `***`, so a record that holds one can be logged; `reveal` is the one way in,
/// which makes every use of a secret a search result.
public final class Secret {
  private final String value;

  public Secret(String value) {
    this.value = Objects.requireNonNull(value);
  }

  /// Whether it is one word of visible ASCII, as tokens, role ids and secret ids are. A byte order
  /// mark or a second line would be refused by the HTTP client in a message that quotes the value.
  public boolean isOneWord() {
    return !value.isEmpty() && value.chars().allMatch(c -> c > 0x20 && c < 0x7f);
  }

  public String reveal() {
    return value;
  }

  public byte[] revealBytes() {
    return value.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret && secret.value.equals(value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return "***";
  }
}
