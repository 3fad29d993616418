package dev.lifeboat.unseal;

import dev.lifeboat.config.Secret;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// One share of an unseal key, or of the recovery key of an auto-unseal.
///
/// @param hex as it is sent; two shares are the same when these are
/// @param from where it came from, for messages: `/mnt/usb/shares line 2`
/// @param kind what its source calls it
public record Share(Secret hex, String from, Kind kind) {
  /*
   * Both products make root keys of 256 bits. A share of Shamir's has its x-coordinate behind it;
   * of a key that was never split (1 of 1) the share is the key itself. Either has 44 characters of
   * base64: with one less it would still decode, to another key.
   */
  private static final Set<Integer> BYTES = Set.of(32, 33);

  private static final int BASE64_CHARS = 44;

  /// What a share is of.
  public enum Kind {
    /// Its source does not say.
    UNNAMED,
    UNSEAL,
    RECOVERY
  }

  /// Empty when it is neither base64 nor hex of the right length.
  ///
  /// @param text as both products print it
  public static Optional<Share> parse(String text, String from, Kind kind) {
    return bytes(text.strip())
        .filter(bytes -> BYTES.contains(bytes.length))
        .map(bytes -> new Share(new Secret(HexFormat.of().formatHex(bytes)), from, kind));
  }

  private static Optional<byte[]> bytes(String text) {
    try {
      // The servers try hex first as well: the hex of a share is never base64 of the right length.
      return Optional.of(HexFormat.of().parseHex(text.toLowerCase(Locale.ROOT)));
    } catch (IllegalArgumentException notHex) {
      try {
        return text.length() == BASE64_CHARS
            ? Optional.of(Base64.getDecoder().decode(text))
            : Optional.empty();
      } catch (IllegalArgumentException neither) {
        return Optional.empty();
      }
    }
  }

  public boolean sameAs(Share other) {
    return hex.equals(other.hex);
  }

  /// Each once, where it came first.
  public static List<Share> distinct(List<Share> shares) {
    List<Share> distinct = new ArrayList<>();
    for (Share share : shares) {
      if (distinct.stream().noneMatch(share::sameAs)) {
        distinct.add(share);
      }
    }
    return distinct;
  }

  /// Without the share.
  @Override
  public String toString() {
    return from;
  }
}
