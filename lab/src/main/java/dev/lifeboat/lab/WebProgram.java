package dev.lifeboat.lab;

import dev.lifeboat.sandbox.LeashedProcess;
import dev.lifeboat.sandbox.LeashedProcess.Invocation;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A program that answers HTTP on loopback, in a process of its own.
final class WebProgram implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(30);
  private static final Duration REQUEST = Duration.ofSeconds(15);

  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();

  private final String name;
  private final Path log;
  private final URI endpoint;
  private final LeashedProcess process;

  private WebProgram(String name, Path log, URI endpoint, LeashedProcess process) {
    this.name = name;
    this.log = log;
    this.endpoint = endpoint;
    this.process = process;
  }

  /// Returns when it says that it is ready, by the path that Prometheus' programs have for it.
  ///
  /// @param folder that exists; its log lies there
  /// @param command that makes it listen on this port of 127.0.0.1
  static WebProgram start(String name, Path folder, int port, List<String> command) {
    var log = folder.resolve(name + ".log");
    var environment = Map.of("PATH", "/usr/bin:/bin", "HOME", folder.toString());
    var program =
        new WebProgram(
            name,
            log,
            URI.create("http://127.0.0.1:" + port + "/"),
            LeashedProcess.start(new Invocation(command, folder, environment, log, log)));
    try {
      program.await("be ready", () -> program.ready());
      return program;
    } catch (RuntimeException e) {
      program.close();
      throw e;
    }
  }

  interface Condition {
    boolean holds();
  }

  /// Until it holds; a program that ends meanwhile is a failure at once.
  void await(String what, Condition condition) {
    Await.until(
        name + " to " + what + ", see " + log,
        START,
        () -> {
          if (!process.alive()) {
            throw new LabException(name + " ended, see " + log);
          }
          return condition.holds();
        });
  }

  URI endpoint() {
    return endpoint;
  }

  long pid() {
    return process.pid();
  }

  private boolean ready() {
    return answer("-/ready").filter(response -> response.statusCode() == 200).isPresent();
  }

  /// The body of a page that must be there.
  String text(String path) {
    var response =
        answer(path).orElseThrow(() -> new LabException(name + " does not answer, see " + log));
    if (response.statusCode() != 200) {
      throw new LabException(
          name + ": " + path + " answered " + response.statusCode() + ": " + response.body());
    }
    return response.body();
  }

  JsonNode json(String path) {
    return JsonMapper.shared().readTree(text(path));
  }

  private Optional<HttpResponse<String>> answer(String path) {
    var request = HttpRequest.newBuilder(endpoint.resolve(path)).timeout(REQUEST).build();
    try {
      return Optional.of(CLIENT.send(request, BodyHandlers.ofString()));
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
