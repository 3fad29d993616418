package dev.lifeboat.unseal;

import dev.lifeboat.vault.VaultNode;
import io.github.jopenlibs.vault.VaultException;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// `sys/unseal` of one node. It takes no token, and leaves no line in an audit log.
final class SealCall {
  private static final String PATH = "sys/unseal";

  /*
   * 400 "invalid key", and of a node that joins a cluster 500 "error decrypting challenge: cipher:
   * message authentication failed": it proves its key to the leader (measured on both products).
   */
  private static final Pattern WRONG_KEY =
      Pattern.compile("(?i)invalid key|authentication failed|combin|unseal key");

  private final VaultNode node;

  SealCall(VaultNode node) {
    this.node = node;
  }

  /// What the node says of itself afterwards.
  ///
  /// @param progress how many shares it has
  /// @param nonce of the attempt; a new one after a reset by anybody
  record Answer(boolean sealed, int threshold, int progress, String nonce) {}

  /// With this share there were enough, and together they do not open it; all are forgotten.
  static final class WrongShares extends Exception {
    WrongShares(Throwable cause) {
      super(cause);
    }
  }

  /// Forgets the shares that were given so far.
  Answer reset() throws InterruptedException {
    try {
      return ask(Map.of("reset", true));
    } catch (VaultException e) {
      throw node.failure(PATH, e);
    }
  }

  Answer give(Share share) throws InterruptedException, WrongShares {
    try {
      return ask(Map.of("key", share.hex().reveal()));
    } catch (VaultException e) {
      int status = e.getHttpStatusCode();
      String said = String.valueOf(e.getMessage());
      if ((status == 400 || status == 500) && WRONG_KEY.matcher(said).find()) {
        throw new WrongShares(e);
      }
      throw node.failure(PATH, e);
    }
  }

  /// Not by the driver's own call for it, which keeps neither the nonce nor why it was refused.
  private Answer ask(Map<String, Object> body) throws InterruptedException, VaultException {
    JsonNode json = RootWrite.attempt(node, Optional.empty(), PATH, body);
    return new Answer(
        json.path("sealed").asBoolean(true),
        json.path("t").asInt(0),
        json.path("progress").asInt(0),
        json.path("nonce").asString(""));
  }
}
