package dev.lifeboat.http;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Basic authentication against bcrypt hashes (RFC 7617).
///
/// A wrong name takes as long as a wrong password. What was found right is remembered as a MAC
/// under a key of this process, so that a scrape every few seconds does not cost a bcrypt each.
final class BasicAuth {
  private static final int COST_MIN = 8;
  private static final int COST_MAX = 15;
  private static final int CACHE_MAX = 64;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final Pattern HASH = Pattern.compile("\\$2[aby]\\$(\\d\\d)\\$[./A-Za-z0-9]{53}");

  private final Map<String, String> users;
  private final String decoy;
  private final SecretKeySpec cacheKey;
  private final Map<String, Boolean> verified =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
          return size() > CACHE_MAX;
        }
      };

  BasicAuth(Map<String, String> users) {
    this.users = Map.copyOf(users);
    // Of a user's own cost, so that its time is the same; matched by no password anyone knows.
    this.decoy = users.values().stream().findFirst().orElse("");
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    this.cacheKey = new SecretKeySpec(key, "HmacSHA256");
  }

  /// What is wrong with a configured user, without repeating the hash.
  static Optional<String> fault(String name, String hash) {
    if (!NAME.matcher(name).matches()) {
      return Optional.of("the name may hold letters, digits, '-' and '_', at most 64");
    }
    Matcher matcher = HASH.matcher(hash);
    if (!matcher.matches()) {
      return Optional.of("expected a bcrypt hash ($2b$ or $2y$, 60 characters)");
    }
    int cost = Integer.parseInt(matcher.group(1));
    if (cost < COST_MIN || cost > COST_MAX) {
      return Optional.of(
          "bcrypt cost must be from %d to %d, found %d".formatted(COST_MIN, COST_MAX, cost));
    }
    return Optional.empty();
  }

  boolean required() {
    return !users.isEmpty();
  }

  /// Whether the header names a user and password found right before; takes microseconds.
  boolean known(String header) {
    synchronized (verified) {
      return verified.get(mac(header)) != null;
    }
  }

  /// Takes as long as a bcrypt: not for the event loop.
  boolean verify(String header) {
    Optional<Credentials> given = Credentials.parse(header);
    if (given.isEmpty()) {
      return false;
    }
    String hash = users.get(given.get().user());
    boolean right = matches(given.get().password(), hash == null ? decoy : hash) && hash != null;
    if (right) {
      synchronized (verified) {
        verified.put(mac(header), true);
      }
    }
    return right;
  }

  /// Beyond 72 bytes bcrypt reads nothing, here as in every tool that makes the hashes.
  private static boolean matches(byte[] password, String hash) {
    return BCrypt.verifyer(
            BCrypt.Version.VERSION_2Y, LongPasswordStrategies.truncate(BCrypt.Version.VERSION_2Y))
        .verify(password, hash.getBytes(StandardCharsets.US_ASCII))
        .verified;
  }

  private String mac(String header) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(cacheKey);
      return HexFormat.of().formatHex(mac.doFinal(header.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }

  private record Credentials(String user, byte[] password) {
    static Optional<Credentials> parse(String header) {
      if (!header.toLowerCase(Locale.ROOT).startsWith("basic ")) {
        return Optional.empty();
      }
      byte[] pair;
      try {
        pair = Base64.getDecoder().decode(header.substring("basic ".length()).strip());
      } catch (IllegalArgumentException e) {
        return Optional.empty();
      }
      String text = new String(pair, StandardCharsets.UTF_8);
      int colon = text.indexOf(':');
      // bcrypt cannot take an empty password.
      return colon < 0 || colon == text.length() - 1
          ? Optional.empty()
          : Optional.of(
              new Credentials(
                  text.substring(0, colon),
                  text.substring(colon + 1).getBytes(StandardCharsets.UTF_8)));
    }
  }
}
