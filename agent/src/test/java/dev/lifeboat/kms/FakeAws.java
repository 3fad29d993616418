package dev.lifeboat.kms;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lifeboat.config.SecretSource;
import dev.lifeboat.store.S3Config.Credentials;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// A fake: answers a service of AWS by the name of the operation, with what no server of the lab
/// can be made to say, in the words of its API reference. An operation that was not told is denied.
public final class FakeAws implements AutoCloseable {
  private static final String DENIED = "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}";

  private final HttpServer server;
  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();

  private volatile boolean echoing;

  private FakeAws(HttpServer server) {
    this.server = server;
  }

  public static FakeAws open() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    FakeAws fake = new FakeAws(server);
    server.createContext("/", fake::answer);
    server.start();
    return fake;
  }

  /// @param operation such as `DescribeKey`
  /// @param body JSON; a refusal when it has a `__type`
  public FakeAws on(String operation, String body) {
    answers.put(operation, body);
    return this;
  }

  /// Encrypts by leaving everything as it is.
  public FakeAws encrypting() {
    echoing = true;
    return this;
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /// The bodies that came.
  public List<String> asked() {
    return List.copyOf(asked);
  }

  /// Of nobody, in two files below the folder.
  public static Credentials credentials(Path folder) throws IOException {
    return new Credentials.Files(
        secret(folder.resolve("access-key")),
        secret(folder.resolve("secret-key")),
        Optional.empty());
  }

  private static SecretSource secret(Path file) throws IOException {
    Path written = Files.writeString(file, "of-nobody");
    return new SecretSource.FromFile(
        Files.setPosixFilePermissions(written, PosixFilePermissions.fromString("rw-------")));
  }

  private void answer(HttpExchange exchange) throws IOException {
    String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
    String request = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    asked.add(request);
    String operation = target.substring(target.lastIndexOf('.') + 1);
    String body = answers.getOrDefault(operation, DENIED);
    if (echoing && operation.equals("Encrypt")) {
      body = request.replace("\"Plaintext\"", "\"CiphertextBlob\"");
    } else if (echoing && operation.equals("Decrypt")) {
      body = request.replace("\"CiphertextBlob\"", "\"Plaintext\"");
    }
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/x-amz-json-1.1");
    exchange.sendResponseHeaders(body.contains("__type") ? 400 : 200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
