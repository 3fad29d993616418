package dev.lifeboat.rekey;

import dev.lifeboat.config.Secret;
import dev.lifeboat.unseal.RootWrite;
import dev.lifeboat.unseal.Share;
import dev.lifeboat.vault.VaultException.Reason;
import dev.lifeboat.vault.VaultNode;
import io.github.jopenlibs.vault.VaultException;
import io.github.jopenlibs.vault.json.JsonArray;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// The rekey of one key, as one node offers it.
final class RekeyCall {
  /*
   * Two APIs that do the same (measured on OpenBao 2.7.2 and Vault 1.21.0):
   *
   *                       OpenBao                       Vault
   *   path                sys/rotate/root/…             sys/rekey/…
   *                       sys/rotate/recovery/…         sys/rekey-recovery-key/…
   *   the other's path    405 or 404                    404
   *   answers             in `data`                     as they are
   *   wrong shares        400                           500 (unseal key), 400
   *   DELETE …/init       by anybody, any nonce         with the nonce in the body
   *   a share given twice to …/verify counts twice      400
   *
   * So what is there is asked, not guessed by product or version. Bare `POST sys/rotate/root` is
   * never called: on OpenBao before 2.5.2 it loses every share of a Shamir seal.
   *
   * The whole operation lies in the memory of the active node: a change of leader, a seal or a
   * restart drops it. Shares that do not fit drop only the shares that were given.
   */
  private static final Pattern WRONG_SHARES =
      Pattern.compile(
          "(?i)invalid key|authentication failed|failed to compute|failed to combine"
              + "|verification failed|duplicate part|does not match");

  private final VaultNode node;
  private final Supplier<Secret> token;
  private final String path;

  private RekeyCall(VaultNode node, Supplier<Secret> token, String path) {
    this.node = node;
    this.token = token;
    this.path = path;
  }

  /// Asks which of the two APIs this node has.
  ///
  /// @param node the active one
  static RekeyCall probe(VaultNode node, Supplier<Secret> token, Target target) {
    try {
      JsonNode _ = node.read(target.rotatePath() + "/init", token.get());
      return new RekeyCall(node, token, target.rotatePath());
    } catch (dev.lifeboat.vault.VaultException e) {
      return switch (e.reason()) {
        case NOT_FOUND, REFUSED -> new RekeyCall(node, token, target.rekeyPath());
        case DENIED -> denied(node, token, target, e);
        default -> throw e;
      };
    }
  }

  /// Vault answers so as well where the policy says nothing of a path that it does not have.
  private static RekeyCall denied(
      VaultNode node,
      Supplier<Secret> token,
      Target target,
      dev.lifeboat.vault.VaultException denied) {
    try {
      JsonNode _ = node.read(target.rekeyPath() + "/init", token.get());
      return new RekeyCall(node, token, target.rekeyPath());
    } catch (dev.lifeboat.vault.VaultException e) {
      throw e.reason() == Reason.DENIED ? e : denied;
    }
  }

  /// These shares together are not those of the key; all that were given are forgotten.
  static final class WrongShares extends Exception {
    WrongShares(Throwable cause) {
      super(cause);
    }
  }

  /// How far it is.
  ///
  /// @param started whether there is a rekey at all
  /// @param given how many of the old shares it has
  /// @param required how many it needs
  /// @param verificationNonce not empty when new shares were made and wait to be verified
  record Progress(
      boolean started,
      String nonce,
      Shape shape,
      int given,
      int required,
      boolean verified,
      String verificationNonce) {
    boolean made() {
      return !verificationNonce.isEmpty();
    }
  }

  /// After a share.
  ///
  /// @param keys the new shares when this was the last of the old ones: Base64, encrypted when
  ///   there are PGP keys
  record Update(int given, List<Secret> keys, String verificationNonce) {
    Update {
      keys = List.copyOf(keys);
    }

    boolean complete() {
      return !keys.isEmpty();
    }
  }

  /// After a new share.
  ///
  /// @param complete whether the new shares are in force
  record Verification(boolean complete, int given, String nonce) {}

  VaultNode node() {
    return node;
  }

  /// `sys/rekey`, for the plan.
  String path() {
    return path;
  }

  Progress progress() {
    return progress(body(node.read(path + "/init", token.get())));
  }

  private static Progress progress(JsonNode json) {
    return new Progress(
        json.path("started").asBoolean(false),
        json.path("nonce").asString(""),
        new Shape(json.path("n").asInt(0), json.path("t").asInt(0)),
        json.path("progress").asInt(0),
        json.path("required").asInt(0),
        json.path("verification_required").asBoolean(false),
        json.path("verification_nonce").asString(""));
  }

  /// Always with verification: until that is complete the old shares are in force.
  ///
  /// @param pgpKeys one for each share, Base64; empty to have the shares as they are
  Progress begin(Shape shape, List<String> pgpKeys) throws InterruptedException {
    Map<String, Object> body = new HashMap<>();
    body.put("secret_shares", shape.shares());
    body.put("secret_threshold", shape.threshold());
    body.put("require_verification", true);
    if (!pgpKeys.isEmpty()) {
      JsonArray keys = new JsonArray();
      pgpKeys.forEach(keys::add);
      body.put("pgp_keys", keys);
    }
    try {
      Progress begun = progress(write("init", body));
      return begun.nonce().isEmpty() ? progress() : begun;
    } catch (WrongShares e) {
      throw new IllegalStateException("no share was given", e);
    }
  }

  Update give(Share old, String nonce) throws InterruptedException, WrongShares {
    JsonNode json = write("update", Map.of("key", old.hex().reveal(), "nonce", nonce));
    List<Secret> keys = new ArrayList<>();
    for (JsonNode key : json.path("keys_base64")) {
      keys.add(new Secret(key.asString("")));
    }
    return new Update(
        json.path("progress").asInt(0), keys, json.path("verification_nonce").asString(""));
  }

  Verification verification() {
    return verification(body(node.read(path + "/verify", token.get())));
  }

  Verification verify(Share share, String nonce) throws InterruptedException, WrongShares {
    return verification(write("verify", Map.of("key", share.hex().reveal(), "nonce", nonce)));
  }

  private static Verification verification(JsonNode json) {
    return new Verification(
        json.path("complete").asBoolean(false),
        json.path("progress").asInt(0),
        json.path("nonce").asString(""));
  }

  /// Forgets the new shares that were given for verification, and no more; it gets a new nonce.
  void restartVerification(String nonce) {
    node.cancel(path + "/verify", token.get(), nonce);
  }

  /// The old shares stay as they are.
  void cancel(String nonce) {
    node.cancel(path + "/init", token.get(), nonce);
  }

  private static JsonNode body(JsonNode json) {
    return json.path("data").isObject() ? json.path("data") : json;
  }

  private JsonNode write(String what, Map<String, Object> body)
      throws InterruptedException, WrongShares {
    String to = path + "/" + what;
    try {
      return body(RootWrite.attempt(node, Optional.of(token.get()), to, body));
    } catch (VaultException e) {
      int status = e.getHttpStatusCode();
      if ((status == 400 || status == 500)
          && WRONG_SHARES.matcher(String.valueOf(e.getMessage())).find()) {
        throw new WrongShares(e);
      }
      throw node.failure(to, e);
    }
  }
}
