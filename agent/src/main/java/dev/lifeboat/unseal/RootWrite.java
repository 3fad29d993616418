package dev.lifeboat.unseal;

import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.VaultException.Reason;
import dev.lifeboat.vault.VaultNode;
import io.github.jopenlibs.vault.Vault;
import io.github.jopenlibs.vault.VaultException;
import io.github.jopenlibs.vault.rest.RestResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A write below `sys/`, in the root namespace, by the driver; with what the server said to it,
/// which the driver's own calls do not keep.
public final class RootWrite {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int NO_CONTENT = 204;

  private RootWrite() {}

  /// The whole answer; an empty object for none.
  ///
  /// @param token empty for what a sealed or an empty node is asked
  /// @throws VaultException of the driver, with the HTTP status and the server's words, for whoever
  ///   tells from them what was wrong
  public static JsonNode attempt(
      VaultNode node, Optional<Secret> token, String path, Map<String, Object> body)
      throws InterruptedException, VaultException {
    Vault driver = token.map(node::rootDriver).orElseGet(node::driver);
    try {
      RestResponse response = driver.logical().write(path, body).getRestResponse();
      String text = new String(response.getBody(), StandardCharsets.UTF_8);
      if (response.getStatus() / 100 != 2) {
        // The driver lets a 4xx pass as if it were an answer.
        throw new VaultException(text, response.getStatus());
      }
      return response.getStatus() == NO_CONTENT ? JSON.createObjectNode() : JSON.readTree(text);
    } catch (JacksonException e) {
      // Its message quotes the answer, which may hold shares.
      throw new dev.lifeboat.vault.VaultException(
          Reason.NOT_JSON, node.address() + "/v1/" + path + ": the answer is no JSON");
    } catch (VaultException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof InterruptedException) {
          throw new InterruptedException();
        }
      }
      throw e;
    }
  }

  /// The same, with every failure in our words.
  public static JsonNode require(
      VaultNode node, Optional<Secret> token, String path, Map<String, Object> body)
      throws InterruptedException {
    try {
      return attempt(node, token, path, body);
    } catch (VaultException e) {
      throw node.failure(path, e);
    }
  }
}
