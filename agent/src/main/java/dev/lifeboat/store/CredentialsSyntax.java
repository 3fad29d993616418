package dev.lifeboat.store;

import dev.lifeboat.config.Section;
import dev.lifeboat.store.S3Config.Credentials;
import java.util.List;
import java.util.Map;

/// Reads who we are to AWS: `credentials = default | profile | files | web-identity` in any block,
/// and the keys that belong to each.
public final class CredentialsSyntax {
  /// Which keys belong to which way of logging in.
  private static final Map<Method, List<String>> KEYS =
      Map.of(
          Method.DEFAULT, List.of(),
          Method.PROFILE, List.of("profile"),
          Method.FILES, List.of("access-key", "secret-key", "session-token"),
          Method.WEB_IDENTITY, List.of("role-arn", "token-file"));

  private enum Method {
    DEFAULT,
    PROFILE,
    FILES,
    WEB_IDENTITY;

    String label() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
  }

  private CredentialsSyntax() {}

  /// @param block that of a store, or of a key of KMS
  public static Credentials read(Section block) {
    Method method =
        block.has("credentials") ? block.choice("credentials", Method.class) : Method.DEFAULT;
    for (Method other : Method.values()) {
      if (other != method) {
        KEYS.getOrDefault(other, List.of()).stream()
            .filter(block::has)
            .forEach(
                key ->
                    block.problem(
                        key,
                        "has no effect with credentials = " + method.label(),
                        "remove it, or set credentials = " + other.label()));
      }
    }
    return switch (method) {
      case DEFAULT -> new Credentials.Default();
      case PROFILE -> new Credentials.Profile(block.text("profile"));
      case FILES ->
          new Credentials.Files(
              block.secret("access-key"),
              block.secret("secret-key"),
              block.optionalSecret("session-token"));
      case WEB_IDENTITY ->
          new Credentials.WebIdentity(block.text("role-arn"), block.path("token-file"));
    };
  }
}
