package dev.lifeboat.rekey;

import dev.lifeboat.unseal.Share;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// By what shares are recognised, in a record that may hold none of them.
///
/// A digest with a salt is enough, and needs no slow function: each share is 256 bits of chance,
/// which nobody finds by trying.
record Marks(String salt, Set<String> digests) {
  static final Marks NONE = new Marks("", Set.of());
  private static final int SALT_BYTES = 16;

  Marks {
    digests = Set.copyOf(digests);
  }

  static Marks of(List<Share> shares) {
    byte[] bytes = new byte[SALT_BYTES];
    new SecureRandom().nextBytes(bytes);
    String salt = HexFormat.of().formatHex(bytes);
    Set<String> digests = new TreeSet<>();
    shares.forEach(share -> digests.add(digest(salt, share)));
    return new Marks(salt, digests);
  }

  /// What [#text] gave.
  static Marks parse(String text) {
    int colon = text.indexOf(':');
    return colon < 0
        ? NONE
        : new Marks(text.substring(0, colon), Set.of(text.substring(colon + 1).split(",")));
  }

  /// For a record.
  String text() {
    return isEmpty() ? "" : salt + ":" + String.join(",", new TreeSet<>(digests));
  }

  boolean isEmpty() {
    return digests.isEmpty();
  }

  boolean has(Share share) {
    return digests.contains(digest(salt, share));
  }

  /// Whether all that were marked are among these.
  boolean allAmong(List<Share> shares) {
    return !isEmpty()
        && Share.distinct(shares).stream().filter(this::has).count() == digests.size();
  }

  private static String digest(String salt, Share share) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(HexFormat.of().parseHex(salt));
      return HexFormat.of()
          .formatHex(sha.digest(share.hex().reveal().getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
