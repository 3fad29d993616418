package dev.lifeboat.unseal;

import dev.lifeboat.vault.VaultNode;
import io.github.jopenlibs.vault.VaultException;
import io.github.jopenlibs.vault.rest.RestResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `sys/unseal` of one node. It takes no token, and leaves no line in an audit log.
final class SealCall {
  private static final String PATH = "sys/unseal";
  private static final JsonMapper JSON = JsonMapper.shared();

  private final VaultNode node;

  SealCall(VaultNode node) {
    this.node = node;
  }

  /// What the node says of itself afterwards.
  ///
  /// @param progress how many shares it has
  /// @param nonce of the attempt; a new one after a reset by anybody
  record Answer(boolean sealed, int threshold, int progress, String nonce) {}

  /// Forgets the shares that were given so far.
  Answer reset() {
    return ask(Map.of("reset", true));
  }

  Answer give(Share share) {
    return ask(Map.of("key", share.hex().reveal()));
  }

  /// Not by the driver's own call for it, which keeps neither the nonce nor why it was refused.
  private Answer ask(Map<String, Object> body) {
    try {
      RestResponse response = node.driver().logical().write(PATH, body).getRestResponse();
      String text = new String(response.getBody(), StandardCharsets.UTF_8);
      if (response.getStatus() != 200) {
        // The driver lets a 400 pass as if it were an answer.
        throw new VaultException(text, response.getStatus());
      }
      JsonNode json = JSON.readTree(text);
      return new Answer(
          json.path("sealed").asBoolean(true),
          json.path("t").asInt(0),
          json.path("progress").asInt(0),
          json.path("nonce").asString(""));
    } catch (VaultException e) {
      throw node.failure(PATH, e);
    }
  }
}
