package dev.lifeboat.lab;

import dev.lifeboat.config.Secret;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// One node's API as an administrator uses it: any path, any method, any token. Not the product's
/// client, which can do much less. Follows no redirect.
public final class VaultApi {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration REQUEST = Duration.ofSeconds(20);

  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .connectTimeout(CONNECT)
          .build();

  private final HttpClient client;
  private final URI address;
  private final Optional<Secret> token;
  private final Duration timeout;

  private VaultApi(HttpClient client, URI address, Optional<Secret> token, Duration timeout) {
    this.client = client;
    this.address = address;
    this.token = token;
    this.timeout = timeout;
  }

  /// Without a token.
  public static VaultApi of(URI address) {
    return of(address, CLIENT);
  }

  /// The same by a client that trusts the server's certificate.
  public static VaultApi of(URI address, HttpClient client) {
    return new VaultApi(client, address, Optional.empty(), REQUEST);
  }

  public VaultApi withToken(Secret newToken) {
    return new VaultApi(client, address, Optional.of(newToken), timeout);
  }

  public VaultApi withTimeout(Duration newTimeout) {
    return new VaultApi(client, address, token, newTimeout);
  }

  public URI address() {
    return address;
  }

  /// @param path below `/v1/`
  public Answer get(String path) {
    return call("GET", path, Map.of());
  }

  public Answer list(String path) {
    return call("LIST", path, Map.of());
  }

  public Answer put(String path, Map<String, ?> body) {
    return call("PUT", path, body);
  }

  public Answer post(String path, Map<String, ?> body) {
    return call("POST", path, body);
  }

  /// An empty body is none. A node that does not answer at all has status 0.
  public Answer call(String method, String path, Map<String, ?> body) {
    var request =
        HttpRequest.newBuilder(address.resolve("/v1/" + path))
            .timeout(timeout)
            .method(
                method,
                body.isEmpty()
                    ? BodyPublishers.noBody()
                    : BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)));
    token.ifPresent(secret -> request.header("X-Vault-Token", secret.reveal()));
    var name = method + " " + address + "/v1/" + path;
    try {
      var response = client.send(request.build(), BodyHandlers.ofByteArray());
      return new Answer(name, response.statusCode(), parsed(response.body()));
    } catch (IOException e) {
      return new Answer(name, 0, JSON.createObjectNode().put("failure", e.toString()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted in " + name, e);
    }
  }

  private static JsonNode parsed(byte[] body) {
    try {
      return body.length == 0 ? JSON.createObjectNode() : JSON.readTree(body);
    } catch (JacksonException e) {
      return JSON.createObjectNode().put("failure", new String(body, StandardCharsets.UTF_8));
    }
  }

  /// @param request method and address, for messages
  /// @param status 0 when there was no answer
  public record Answer(String request, int status, JsonNode body) {
    public boolean good() {
      return status == 200 || status == 204;
    }

    /// Itself, or a [LabException] with what the server said.
    public Answer require() {
      if (!good()) {
        throw new LabException(request + " answered " + status + ": " + body);
      }
      return this;
    }

    /// The text at a path such as `data.role_id`.
    public String text(String path) {
      JsonNode at = body;
      for (String name : path.split("\\.", -1)) {
        at = at.path(name);
      }
      if (!at.isString()) {
        throw new LabException(request + " answered without " + path);
      }
      return at.stringValue();
    }
  }
}
