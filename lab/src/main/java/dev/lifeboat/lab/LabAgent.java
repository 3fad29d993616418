package dev.lifeboat.lab;

import dev.lifeboat.sandbox.LeashedProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// One `lifeboat agent` beside one node, in a process of its own, and its command line.
public final class LabAgent implements AutoCloseable {
  private static final Duration READY = Duration.ofSeconds(30);
  private static final Duration STOP = Duration.ofSeconds(5);
  private static final Duration REQUEST = Duration.ofSeconds(5);
  private static final int LOG_LINES_SHOWN = 12;

  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();

  private final ClusterNode node;
  private final Path folder;
  private final URI url;
  private @Nullable LeashedProcess process;

  /// @param folder its own; holds `lifeboat.conf`
  LabAgent(ClusterNode node, Path folder, URI url) {
    this.node = node;
    this.folder = folder;
    this.url = url;
  }

  public ClusterNode node() {
    return node;
  }

  public Path configFile() {
    return folder.resolve("lifeboat.conf");
  }

  public Path logFile() {
    return folder.resolve("agent.log");
  }

  /// Adds lines to its configuration, for its next start and for its command line.
  public void configure(String lines) {
    try {
      Files.writeString(configFile(), lines, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Where its runs work.
  public Path spool() {
    return folder.resolve("spool");
  }

  /// Where it takes commands. Beside its folder, not in it: the path must be short.
  public Path controlSocket() {
    return folder.resolveSibling(node.name() + ".sock");
  }

  /// The status page.
  public URI url() {
    return url;
  }

  public URI metricsUrl() {
    return url.resolve("/metrics");
  }

  public void start() {
    launch(AgentProgram.command(List.of("agent", "--config", configFile().toString())));
  }

  /// Anew, with a clock that is ahead of everybody else's; returns when it is ready.
  public void restart(Duration ahead) {
    stop();
    var arguments =
        List.of(Long.toString(ahead.toSeconds()), "agent", "--config", configFile().toString());
    launch(AgentProgram.java(SkewedMain.class, arguments));
    awaitReady();
  }

  private void launch(List<String> command) {
    process = AgentProgram.start(folder, logFile(), node.by(), command);
  }

  public void awaitReady() {
    Await.until("the agent of " + node.name() + " to be ready", READY, this::ready);
  }

  public long pid() {
    return process().pid();
  }

  /// SIGTERM, and SIGKILL when that is not enough.
  public void stop() {
    process().stop(STOP);
  }

  public void kill() {
    process().kill();
  }

  /// `lifeboat VERB ARGUMENTS --config …`, to its end.
  public AgentProgram.Result run(String verb, String... arguments) {
    var line = new ArrayList<>(List.of(verb));
    line.addAll(List.of(arguments));
    line.addAll(List.of("--config", configFile().toString()));
    return AgentProgram.run(folder, line.toArray(String[]::new));
  }

  /// One sample of `/metrics`; empty when it is not there.
  ///
  /// @param series the name and, if there are any, the labels, exactly as exposed
  public OptionalDouble sample(String series) {
    for (String line : get("/metrics").split("\n", -1)) {
      if (line.startsWith(series + " ")) {
        return OptionalDouble.of(Double.parseDouble(line.substring(series.length() + 1).strip()));
      }
    }
    return OptionalDouble.empty();
  }

  /// Waits until the sample has this value.
  public void awaitSample(String series, double value, Duration bound) {
    Await.until(
        "%s of %s to be %s".formatted(series, node.name(), value),
        bound,
        () -> sample(series).equals(OptionalDouble.of(value)));
  }

  /// The body of a page that must be there.
  public String get(String path) {
    try {
      var response = CLIENT.send(request(path), BodyHandlers.ofString());
      if (response.statusCode() != 200) {
        throw new LabException(url.resolve(path) + " answered " + response.statusCode());
      }
      return response.body();
    } catch (IOException e) {
      throw new LabException(url.resolve(path) + " does not answer" + endOfLog(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }

  /// Its last log lines, for the message of a failure.
  public String endOfLog() {
    try {
      var lines = Files.readAllLines(logFile());
      var shown = lines.subList(Math.max(0, lines.size() - LOG_LINES_SHOWN), lines.size());
      return "; the end of the log of %s's agent:\n  %s"
          .formatted(node.name(), String.join("\n  ", shown));
    } catch (IOException e) {
      return "; the agent of " + node.name() + " has no log";
    }
  }

  private boolean ready() {
    if (!process().alive()) {
      throw new LabException(
          "the agent of %s ended with %d%s"
              .formatted(node.name(), process().exitCode(), endOfLog()));
    }
    try {
      return CLIENT.send(request("/readyz"), BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }

  private HttpRequest request(String path) {
    return HttpRequest.newBuilder(url.resolve(path)).timeout(REQUEST).build();
  }

  private LeashedProcess process() {
    if (process == null) {
      throw new IllegalStateException("the agent of " + node.name() + " was never started");
    }
    return process;
  }

  @Override
  public void close() {
    if (process != null) {
      process.kill();
    }
  }
}
