package dev.lifeboat.http;

import dev.lifeboat.collector.Collector;
import dev.lifeboat.collector.JvmCollector;
import dev.lifeboat.collector.NodeCollector;
import dev.lifeboat.metrics.Exposition;
import dev.lifeboat.status.Status;
import dev.lifeboat.watch.NodeState;
import dev.lifeboat.watch.NodeStates;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Endpoints over an active node, and a plain client for them.
final class Endpoints {
  private Endpoints() {}

  static HttpConfig plain() {
    return new HttpConfig("127.0.0.1", 0, Optional.empty(), Map.of());
  }

  static HttpConfig tls(HttpConfig.Tls tls) {
    return new HttpConfig("127.0.0.1", 0, Optional.of(tls), Map.of());
  }

  static HttpEndpoint open(HttpConfig config, Collector... more) {
    return HttpEndpoint.open(
        config, exposition(more), () -> true, () -> status(NodeStates.active()));
  }

  static Exposition exposition(Collector... more) {
    List<Collector> all = new java.util.ArrayList<>(List.of(more));
    all.add(new NodeCollector(NodeStates::active));
    all.add(new JvmCollector());
    return new Exposition(all, () -> NodeStates.NOW);
  }

  static Status status(NodeState state) {
    return Status.of(state, "vault-a", 3, Optional.empty(), Duration.ZERO, NodeStates.NOW);
  }

  static HttpClient client() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(Duration.ofSeconds(5))
        .build();
  }

  static HttpResponse<String> get(HttpEndpoint endpoint, String path, String... headers)
      throws IOException, InterruptedException {
    return send(endpoint, "GET", path, headers);
  }

  static HttpResponse<String> send(
      HttpEndpoint endpoint, String method, String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(endpoint, path))
            .timeout(Duration.ofSeconds(20))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    try (HttpClient client = client()) {
      return client.send(request.build(), BodyHandlers.ofString());
    }
  }

  static URI uri(HttpEndpoint endpoint, String path) {
    return endpoint.address().resolve(path);
  }
}
