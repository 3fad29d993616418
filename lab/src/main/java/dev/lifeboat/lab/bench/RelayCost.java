package dev.lifeboat.lab.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lifeboat.lab.AgentProgram;
import dev.lifeboat.lab.Await;
import dev.lifeboat.lab.Folders;
import dev.lifeboat.sandbox.FreePorts;
import dev.lifeboat.sandbox.LeashedProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Two agents beside one node, of which one passes the node's telemetry on: what a scrape and the
/// process cost more.
///
/// The node is a fake: a real one with so much telemetry would need hundreds of mounts, and would
/// not answer the same twice. What real nodes say is read in `CollectorsTest`.
record RelayCost() implements Benchmark {
  private static final int SERIES = 3000;
  private static final int WARM_UPS = 50;
  private static final Duration STARTED = Duration.ofSeconds(30);
  private static final Duration BETWEEN = Duration.ofMillis(2);

  private static final Duration WORKING = Duration.ofSeconds(30);

  @Override
  public String name() {
    return "relay";
  }

  @Override
  public int defaultRuns() {
    return 300;
  }

  @Override
  public List<Finding> run(Workbench workbench, int runs) {
    try (var node = FakeNode.start();
        var with = Agent.start(workbench.newFolder(), node, true);
        var without = Agent.start(workbench.newFolder(), node, false)) {
      with.awaitPage("vault_exporter_telemetry_series 3000.0");
      without.awaitPage("vault_node_active 1.0");
      workbench.says("memory of an agent that passes 3000 series on and of one that does not");
      var memory = memory(with, without);
      workbench.says("scraping the two, in turn");
      return List.of(scrapes(with, without, runs), memory);
    }
  }

  private Finding scrapes(Agent with, Agent without, int runs) {
    var withTimes = new ArrayList<Double>();
    var withoutTimes = new ArrayList<Double>();
    for (int run = -WARM_UPS; run < runs; run++) {
      Workbench.settle(BETWEEN);
      double one = with.scraper().scrape().milliseconds();
      Workbench.settle(BETWEEN);
      double other = without.scraper().scrape().milliseconds();
      if (run >= 0) {
        withTimes.add(one);
        withoutTimes.add(other);
      }
    }
    var with3000 = new Samples("p50 with", Unit.MILLISECONDS, withTimes);
    var none = new Samples("p50 without", Unit.MILLISECONDS, withoutTimes);
    return new Finding(
        name(),
        new Samples(
            "a scrape with 3000 relayed series, more",
            Unit.MILLISECONDS,
            List.of(with3000.median() - none.median())),
        Optional.empty(),
        new Goal.Each(5),
        List.of(
            String.format(
                Locale.ROOT,
                "p50 %.2f ms with, %.2f ms without; p99 %.2f ms and %.2f ms",
                with3000.median(),
                none.median(),
                with3000.percentile(99),
                none.percentile(99))));
  }

  private Finding memory(Agent with, Agent without) {
    long end = System.nanoTime() + WORKING.toNanos();
    while (System.nanoTime() < end) {
      var _ = with.scraper().scrape();
      var _ = without.scraper().scrape();
      Workbench.settle(Duration.ofSeconds(1));
    }
    double one = new ProcessMemory(with.process().pid()).residentMebibytes();
    double other = new ProcessMemory(without.process().pid()).residentMebibytes();
    return new Finding(
        name(),
        new Samples("resident memory, more", Unit.MEBIBYTES, List.of(one - other)),
        Optional.empty(),
        new Goal.Each(8),
        List.of(
            String.format(
                Locale.ROOT,
                "%.1f MiB with, %.1f MiB without, fetched and scraped each second",
                one,
                other)));
  }

  private record Agent(LeashedProcess process, URL metrics, Scraper scraper)
      implements AutoCloseable {
    static Agent start(Path folder, FakeNode node, boolean relay) {
      Folders.create(folder);
      try (var ports = FreePorts.reserve(InetAddress.ofLiteral("127.0.0.1"), 1)) {
        int port = ports.next();
        Path config = folder.resolve("lifeboat.conf");
        Files.writeString(
            config,
            """
            vault.address = "%s"
            watch.interval = 1s
            http.port = %d
            collectors.telemetry { enabled = %s, interval = 1s }
            control.socket = "%s"
            """
                .formatted(node.address(), port, relay, folder.resolve("c.sock")));
        var process =
            AgentProgram.start(
                folder,
                folder.resolve("agent.log"),
                List.of("agent", "--config", config.toString()));
        URL url = URI.create("http://127.0.0.1:%d/metrics".formatted(port)).toURL();
        return new Agent(process, url, new Scraper(url));
      } catch (MalformedURLException e) {
        throw new IllegalArgumentException(e);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void awaitPage(String line) {
      Await.until(line, STARTED, () -> page().contains(line));
    }

    private String page() {
      try (var in = metrics.openStream()) {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        return "";
      }
    }

    @Override
    public void close() {
      process.kill();
    }
  }

  /// Answers what an agent asks without a token, and [#SERIES] samples at `sys/metrics`.
  private record FakeNode(HttpServer server) implements AutoCloseable {
    static FakeNode start() {
      try {
        var server =
            HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        answer(
            server,
            "health",
            """
            {"initialized":true,"sealed":false,"standby":false,"server_time_utc":1795342301,
             "version":"2.7.2","cluster_name":"lab"}
            """);
        answer(
            server,
            "seal-status",
            """
            {"type":"shamir","initialized":true,"sealed":false,"t":1,"n":1,"version":"2.7.2"}
            """);
        answer(server, "leader", "{\"ha_enabled\":true,\"is_self\":true}");
        answer(server, "metrics", telemetry());
        server.start();
        return new FakeNode(server);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /// Summaries, as most of it is.
    private static String telemetry() {
      var text = new StringBuilder();
      for (int metric = 0; metric < SERIES / 5; metric++) {
        String name = "vault_core_measure_" + metric;
        text.append("# HELP ").append(name).append(' ').append(name).append('\n');
        text.append("# TYPE ").append(name).append(" summary\n");
        for (String quantile : List.of("0.5", "0.9", "0.99")) {
          text.append("%s{cluster=\"lab\",quantile=\"%s\"} 0.1234567\n".formatted(name, quantile));
        }
        text.append(
            "%1$s_sum{cluster=\"lab\"} 12.5\n%1$s_count{cluster=\"lab\"} 99\n".formatted(name));
      }
      return text.toString();
    }

    private static void answer(HttpServer server, String path, String body) {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      server.createContext("/v1/sys/" + path, exchange -> answer(exchange, bytes));
    }

    private static void answer(HttpExchange exchange, byte[] bytes) throws IOException {
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
      exchange.close();
    }

    URI address() {
      return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }
}
