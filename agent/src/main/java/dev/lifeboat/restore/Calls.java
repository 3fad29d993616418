package dev.lifeboat.restore;

import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultNode;
import io.github.jopenlibs.vault.Vault;
import io.github.jopenlibs.vault.rest.RestResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Writes to the API of a node, by the driver.
final class Calls {
  private static final JsonMapper JSON = JsonMapper.shared();

  private Calls() {}

  /// The whole answer; an empty object for none.
  static JsonNode post(
      VaultNode node, Optional<Secret> token, String path, Map<String, Object> body) {
    Vault driver = token.map(node::driver).orElseGet(node::driver);
    try {
      RestResponse response = driver.logical().write(path, body).getRestResponse();
      byte[] answer = response.getBody();
      if (response.getStatus() / 100 != 2) {
        // The driver lets a 4xx pass as if it were an answer.
        throw new io.github.jopenlibs.vault.VaultException(
            new String(answer, StandardCharsets.UTF_8), response.getStatus());
      }
      return answer.length == 0 ? JSON.createObjectNode() : JSON.readTree(answer);
    } catch (JacksonException e) {
      throw new VaultException(
          VaultException.Reason.NOT_JSON,
          node.address() + "/v1/" + path + ": the answer is no JSON");
    } catch (io.github.jopenlibs.vault.VaultException e) {
      throw node.failure(path, e);
    }
  }
}
