package dev.lifeboat.vault;

import dev.lifeboat.config.Secret;
import dev.lifeboat.config.SecretException;
import dev.lifeboat.config.SecretSource;
import dev.lifeboat.vault.VaultConfig.Auth;
import dev.lifeboat.vault.VaultException.Reason;
import io.github.jopenlibs.vault.response.AuthResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// How a token is had, renewed and given back, by the configured method.
///
/// Everything goes to our own node; one that redirects a login (a Vault standby with forwarding
/// turned off) is followed to a known peer by the HTTP client beneath.
final class Login {
  private static final Duration REVOKE_TIMEOUT = Duration.ofSeconds(1);

  private final VaultNode node;
  private final Duration timeout;
  private final Auth auth;

  Login(VaultClient client, Auth auth) {
    this.node = client.own();
    this.timeout = client.config().requestTimeout();
    this.auth = auth;
  }

  boolean configured() {
    return !(auth instanceof Auth.None);
  }

  Grant now() {
    return switch (auth) {
      case Auth.None _ ->
          throw new VaultException(
              Reason.NO_CREDENTIAL,
              "no login is configured\nhint: set vault.auth.method to token, approle or cert");
      case Auth.Token(SecretSource source) -> described(secret(source));
      case Auth.AppRole(String mount, SecretSource roleId, SecretSource secretId) -> {
        try {
          yield appRole(mount, secret(roleId), secret(secretId));
        } catch (VaultException failed) {
          throw hinted(failed, "the secret id may have expired or been revoked: issue a new one");
        }
      }
      case Auth.Certificate(String mount, Optional<String> role) -> {
        try {
          yield certificate(mount, role);
        } catch (VaultException failed) {
          throw hinted(failed, "check which certificates the role allows, and auth.cert.role");
        }
      }
    };
  }

  /// A refused login has no token and no policy yet, of which the usual hint speaks.
  private static VaultException hinted(VaultException failed, String hint) {
    if (failed.reason() != Reason.REFUSED && failed.reason() != Reason.DENIED) {
      return failed;
    }
    return new VaultException(failed.reason(), failed.sentence() + "\nhint: " + hint, failed);
  }

  /// A token that was given to us: the server tells how long it lives, in whole seconds. One that
  /// never ends has the 0 of one in its last second, but no time at which it ends.
  private Grant described(Secret token) {
    JsonNode data = Json.block("lookup-self", node.read("auth/token/lookup-self", token), "data");
    long left = Json.exact(data, "ttl");
    boolean ends = !Json.text(data, "expire_time").isEmpty();
    return Grant.of(token, ends ? Math.max(1, left) : left, Json.flag(data, "renewable"), false);
  }

  private Grant appRole(String mount, Secret roleId, Secret secretId) {
    String path = "auth/" + mount + "/login";
    try {
      return granted(
          path,
          node.driver(Optional.empty())
              .auth()
              .loginByAppRole(mount, roleId.reveal(), secretId.reveal()));
    } catch (io.github.jopenlibs.vault.VaultException failed) {
      throw node.failure(path, failed);
    }
  }

  private Grant certificate(String mount, Optional<String> role) {
    String path = "auth/" + mount + "/login";
    if (role.isPresent()) {
      // The driver's login by certificate cannot name a role.
      JsonNode answer = node.post(path, Optional.empty(), Map.of("name", role.get()), timeout);
      return granted(path, answer);
    }
    try {
      return granted(path, node.driver(Optional.empty()).auth().loginByCert(mount));
    } catch (io.github.jopenlibs.vault.VaultException failed) {
      throw node.failure(path, failed);
    }
  }

  private static Grant granted(String path, AuthResponse answer) {
    String token = answer.getAuthClientToken();
    if (token == null || token.isEmpty()) {
      throw new VaultException(Reason.NOT_JSON, path + ": the answer has no token");
    }
    return Grant.of(
        new Secret(token), answer.getAuthLeaseDuration(), answer.isAuthRenewable(), true);
  }

  private static Grant granted(String path, JsonNode answer) {
    JsonNode auth = Json.block(path, answer, "auth");
    String token = Json.text(auth, "client_token");
    if (token.isEmpty()) {
      throw new VaultException(Reason.NOT_JSON, path + ": the answer has no token");
    }
    return Grant.of(
        new Secret(token), Json.exact(auth, "lease_duration"), Json.flag(auth, "renewable"), true);
  }

  /// The same token with a new end.
  Grant renewed(Grant grant) {
    try {
      AuthResponse answer = node.driver(grant.token()).auth().renewSelf();
      return Grant.of(
          grant.token(), answer.getAuthLeaseDuration(), answer.isAuthRenewable(), grant.ours());
    } catch (io.github.jopenlibs.vault.VaultException failed) {
      throw node.failure("auth/token/renew-self", failed);
    }
  }

  /// Whether the server still knows the token. Every other answer than 403 leaves it in its place.
  boolean alive(Grant grant) {
    try {
      node.read("auth/token/lookup-self", grant.token());
      return true;
    } catch (VaultException failed) {
      return failed.reason() != Reason.DENIED;
    }
  }

  /// Whether the file now holds another token than this one.
  boolean rotated(Grant grant) {
    return auth instanceof Auth.Token(SecretSource source) && !secret(source).equals(grant.token());
  }

  /// Gives a token of our own back, in a second at most; one from a file is not ours to end.
  void giveBack(Grant grant) {
    if (grant.ours()) {
      node.post("auth/token/revoke-self", Optional.of(grant.token()), Map.of(), REVOKE_TIMEOUT);
    }
  }

  private static Secret secret(SecretSource source) {
    try {
      return source.read();
    } catch (SecretException unreadable) {
      throw new VaultException(
          Reason.NO_CREDENTIAL, String.valueOf(unreadable.getMessage()), unreadable);
    }
  }
}
