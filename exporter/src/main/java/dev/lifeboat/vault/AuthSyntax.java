package dev.lifeboat.vault;

import dev.lifeboat.config.Section;
import dev.lifeboat.vault.VaultConfig.Auth;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Reads an `auth` block. Also works without a `reference.conf` beneath it: `backup.auth` has none.
final class AuthSyntax {
  /// What may stand in a mount or a namespace: nothing that could end a path or a header.
  static final String NAME = "\\w[\\w.-]*(/\\w[\\w.-]*)*/?";

  private enum Method {
    NONE,
    TOKEN,
    APPROLE,
    CERT
  }

  private AuthSyntax() {}

  static Auth read(Section auth) {
    Method method = auth.choice("method", Method.class);
    for (Method other : List.of(Method.TOKEN, Method.APPROLE, Method.CERT)) {
      String key = other.name().toLowerCase(Locale.ROOT);
      if (other != method && auth.has(key)) {
        auth.problem(
            key,
            "is not used by method " + method.name().toLowerCase(Locale.ROOT),
            "set method = " + key + ", or remove it");
      }
    }
    return switch (method) {
      case NONE -> new Auth.None();
      case TOKEN -> new Auth.Token(auth.secret("token"));
      case APPROLE -> appRole(auth.section("approle"));
      case CERT -> certificate(auth.section("cert"));
    };
  }

  private static Auth appRole(Section approle) {
    return new Auth.AppRole(
        mount(approle, "approle"), approle.secret("role-id"), approle.secret("secret-id"));
  }

  private static Auth certificate(Section cert) {
    Optional<String> role = cert.optionalText("role");
    return new Auth.Certificate(mount(cert, "cert"), role);
  }

  private static String mount(Section section, String usual) {
    String mount = section.optionalText("mount").orElse(usual);
    if (!mount.matches(NAME)) {
      section.problem("mount", "expected a mount, found \"" + mount + "\"", "such as " + usual);
    }
    return mount.endsWith("/") ? mount.substring(0, mount.length() - 1) : mount;
  }
}
