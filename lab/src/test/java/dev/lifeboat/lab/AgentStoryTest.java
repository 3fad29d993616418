package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.vault.Product;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;

/// The real program beside a real server, from before the server was there to after it was away.
class AgentStoryTest {
  private static final Pattern LISTENS = Pattern.compile("event=started .*http=(\\S+)");
  private static final Duration BOUND = Duration.ofSeconds(20);

  /// Generous, for a busy machine: promised is one poll, here 550 ms at most, and 100 ms; `lifeboat
  /// bench` has the figure.
  private static final Duration SEAL_SEEN = Duration.ofSeconds(5);

  @TempDir Path folder;

  @ParameterizedTest
  @BothProducts
  void an_agent_follows_its_node_from_nowhere_to_sealed_and_back(Product product) {
    try (var server = LoneServer.plain(product, folder.resolve("server"));
        var agent = Program.start(log(), "agent", "--config", config(server).toString());
        var http = HttpClient.newHttpClient()) {
      var page = new Page(http, listens());
      page.await("vault_node_up", 0).expectNone("vault_node_sealed").expectNone("vault_cluster_");
      assertEquals(200, page.get("/livez", "text/plain").statusCode());
      assertEquals(200, page.get("/readyz", "text/plain").statusCode());

      server.start();
      page.await("vault_node_state{state=\"uninitialized\"}", 1)
          .expect("vault_node_up", 1)
          .expect("vault_node_initialized", 0)
          .expect("vault_node_active", 0)
          .expect("vault_node_health_status_code", 501)
          .expectNone("vault_node_raft_");

      server.initialise();
      page.await("vault_node_initialized", 1).expect("vault_node_state{state=\"sealed\"}", 1);
      Folders.writeSecret(folder.resolve("token"), server.rootToken().reveal());
      server.unseal();
      page.await("vault_cluster_peers", 1).lint().expect("vault_node_active", 1);
      page.expectOpenMetricsAndGzip();

      sealAndBack(server, page);
      awayAndBack(server, page);
      assertTrue(agent.alive());
    }
  }

  private static void sealAndBack(LoneServer server, Page page) {
    server.seal();
    long sealed = System.nanoTime();
    var scrape = page.await("vault_node_sealed", 1);
    var took = Duration.ofNanos(System.nanoTime() - sealed);
    assertTrue(took.compareTo(SEAL_SEEN) < 0, "seen after " + took);
    scrape
        .lint()
        .expect("vault_node_up", 1)
        .expect("vault_node_active", 0)
        .expectNone("vault_node_raft_")
        .expectNone("vault_cluster_");
    assertEquals(200, page.get("/readyz", "text/plain").statusCode());
    server.unseal();
    page.await("vault_cluster_peers", 1).expect("vault_node_sealed", 0);
  }

  private static void awayAndBack(LoneServer server, Page page) {
    server.kill();
    page.await("vault_node_up", 0)
        .lint()
        .expect("vault_node_state{state=\"unreachable\"}", 1)
        .expectNone("vault_node_sealed")
        .expectNone("vault_node_active")
        .expectNone("vault_node_raft_")
        .expectNone("vault_node_info")
        .expectNone("vault_cluster_");
    assertEquals(200, page.get("/livez", "text/plain").statusCode());
    assertEquals(200, page.get("/readyz", "text/plain").statusCode());

    server.start();
    page.await("vault_node_up", 1)
        .lint()
        .expect("vault_node_sealed", 1)
        .expect("vault_node_initialized", 1)
        .expectNone("vault_node_raft_");
    server.unseal();
    page.await("vault_cluster_peers", 1).expect("vault_node_sealed", 0);
  }

  private Path log() {
    return folder.resolve("agent.log");
  }

  private Path config(LoneServer server) {
    try {
      return Files.writeString(
          folder.resolve("lifeboat.conf"),
          """
          vault {
            address = "%s"
            auth { method = token, token { file = "%s" } }
          }
          watch { interval = 500ms, cluster-interval = 1s }
          http.port = 0
          control.socket = "%s"
          """
              .formatted(server.address(), folder.resolve("token"), folder.resolve("socket")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private URI listens() {
    return Await.until(
        "the agent to start",
        BOUND,
        () -> {
          var started = LISTENS.matcher(Site.text(log()));
          return started.find() ? Optional.of(URI.create(started.group(1))) : Optional.empty();
        });
  }

  /// The agent's HTTP side.
  private record Page(HttpClient http, URI address) {
    Scrape await(String series, double value) {
      return await(series + " " + value, scrape -> scrape.has(series, value));
    }

    Scrape await(String what, Predicate<Scrape> holds) {
      return Await.until(
          what,
          BOUND,
          () -> Optional.of(new Scrape(get("/metrics", "text/plain").body())).filter(holds));
    }

    HttpResponse<String> get(String path, String accept) {
      return get(path, accept, "identity");
    }

    private HttpResponse<String> get(String path, String accept, String encoding) {
      try {
        return http.send(
            HttpRequest.newBuilder(address.resolve(path))
                .header("Accept", accept)
                .header("Accept-Encoding", encoding)
                .build(),
            BodyHandlers.ofString());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new LabException("interrupted", e);
      }
    }

    void expectOpenMetricsAndGzip() {
      var open = get("/metrics", "application/openmetrics-text; version=1.0.0");
      assertTrue(open.body().endsWith("# EOF\n"), open.body());
      var packed = get("/metrics", "text/plain", "gzip");
      assertEquals(Optional.of("gzip"), packed.headers().firstValue("content-encoding"));
    }
  }
}
