package dev.lifeboat.daemon;

import dev.lifeboat.backup.BackupOutcome;
import dev.lifeboat.backup.Occasion;
import dev.lifeboat.collector.ApiRequests;
import dev.lifeboat.collector.Build;
import dev.lifeboat.collector.ClusterCollector;
import dev.lifeboat.collector.Collector;
import dev.lifeboat.collector.ConfigReload;
import dev.lifeboat.collector.ExporterCollector;
import dev.lifeboat.collector.JvmCollector;
import dev.lifeboat.collector.NodeCollector;
import dev.lifeboat.collector.ProcessCollector;
import dev.lifeboat.http.HttpEndpoint;
import dev.lifeboat.metrics.Exposition;
import dev.lifeboat.notify.NotifyCounts;
import dev.lifeboat.status.Status;
import dev.lifeboat.status.StatusJson;
import dev.lifeboat.status.StatusText;
import dev.lifeboat.watch.NodeState;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// How one configuration's agent is seen by others: scrapers, the status page, the control socket,
/// systemd.
record Presence(
    Lookouts lookouts, Optional<Backups> backups, NotifyCounts notifyCounts, Agent.Host host) {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Duration PROGRESS_STEP = Duration.ofMillis(250);
  private static final Duration RELOAD_PATIENCE = Duration.ofSeconds(10);

  LifeboatConfig config() {
    return lookouts.observed().config();
  }

  HttpEndpoint openHttp(ApiRequests requests, Supplier<ConfigReload> reload) {
    List<Collector> collectors = new ArrayList<>();
    collectors.add(new NodeCollector(this::state));
    collectors.add(new ClusterCollector(this::state, config().vault().expectedPeers()));
    collectors.addAll(lookouts.collectors());
    collectors.add(
        new ExporterCollector(
            Build.of(host.version(), host.revision()),
            requests,
            this::state,
            lookouts.observed().keeper()::expiry,
            reload));
    collectors.add(new JvmCollector());
    collectors.add(new ProcessCollector());
    backups.ifPresent(taken -> collectors.addAll(taken.collectors()));
    if (!config().objectives().targets().isEmpty()) {
      collectors.add(
          new ObjectiveCollector(
              config(), () -> backups.map(Backups::interval).orElse(Duration.ZERO)));
    }
    if (!config().notifyTargets().isEmpty()) {
      collectors.add(new NotifyCollector(config().notifyTargets(), notifyCounts));
    }
    if (config().rekey().every().isPresent()) {
      collectors.add(new RekeyCollector(config().rekey()));
    }
    return HttpEndpoint.open(
        config().http(),
        new Exposition(collectors, lookouts.relay(), host.clock()),
        () -> state().polls() > 0,
        this::status);
  }

  private NodeState state() {
    return lookouts.observed().watch().latest();
  }

  Status status() {
    return StatusFacts.status(
        config(),
        state(),
        backups.map(Backups::status),
        backups.map(Backups::interval).orElse(Duration.ZERO),
        host.clock().instant());
  }

  Heartbeat.Signs signs() {
    return new Heartbeat.Signs(() -> state().polls(), this::line, Agent.patience(config()));
  }

  /// For `systemctl status`: changes only when something has happened.
  private String line() {
    StringBuilder line = new StringBuilder(state().role().label().replace('_', ' '));
    line.append(", ").append(config().vault().address());
    if (backups.isPresent()) {
      Backups taken = backups.get();
      if (taken.runs().current().isPresent()) {
        line.append(", taking a backup");
      }
      Optional<Instant> next = taken.nextRun();
      next.ifPresent(
          at -> line.append(", next backup ").append(at.truncatedTo(ChronoUnit.SECONDS)));
    }
    return line.toString();
  }

  /// No backup begins any more, and the one in progress has ended; false when told to stop before.
  boolean awaitQuiet(Inbox inbox) throws InterruptedException {
    if (backups.isEmpty()) {
      return true;
    }
    BackupRuns runs = backups.get().runs();
    runs.drain();
    for (Optional<BackupRuns.Run> run = runs.current(); run.isPresent(); run = runs.current()) {
      if (inbox.stopped()) {
        return false;
      }
      var ignored = run.get().await(PROGRESS_STEP);
    }
    return true;
  }

  Map<String, ControlSocket.Command> commands(Inbox inbox) {
    return Map.of(
        "ping", (_, _) -> new ControlSocket.Answer.Done(ping()),
        "status", (_, _) -> new ControlSocket.Answer.Done(statusAnswer()),
        "backup", this::backup,
        "expire", this::expire,
        "pin", (request, _) -> pin(request),
        "unpin", (request, _) -> pin(request),
        "reload", (_, _) -> reload(inbox));
  }

  private ObjectNode ping() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("version", host.version())
        .put("pid", ProcessHandle.current().pid());
  }

  private ObjectNode statusAnswer() {
    Status status = status();
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    answer.set("json", JSON.readTree(StatusJson.render(status)));
    return answer.put("text", StatusText.render(status));
  }

  private ControlSocket.Answer backup(JsonNode request, ControlSocket.Lines progress)
      throws InterruptedException {
    if (backups.isEmpty()) {
      return notConfigured();
    }
    Optional<Occasion> occasion = BackupClient.occasion(request);
    if (occasion.isEmpty()) {
      return new ControlSocket.Answer.Failed(
          "bad_request", "the label or the pin of the request is wrong", "");
    }
    Optional<BackupRuns.Run> begun = backups.get().runs().begin(occasion.get());
    if (begun.isEmpty()) {
      return new ControlSocket.Answer.Failed(
          "busy", "the agent is taking a backup already", "lifeboat status shows when it is done");
    }
    BackupRuns.Run run = begun.get();
    while (true) {
      Optional<BackupOutcome> outcome = run.await(PROGRESS_STEP);
      if (outcome.isPresent()) {
        return answer(outcome.get());
      }
      progress.progress(run.at().stage(), run.at().bytes());
    }
  }

  private ControlSocket.Answer expire(JsonNode request, ControlSocket.Lines progress) {
    return backups.isEmpty() ? notConfigured() : backups.get().expire(request, progress);
  }

  private ControlSocket.Answer pin(JsonNode request) {
    return backups.isEmpty() ? notConfigured() : backups.get().pin(request);
  }

  private static ControlSocket.Answer notConfigured() {
    return new ControlSocket.Answer.Failed(
        "not_configured",
        "the running agent was started without a backup block",
        "reload it: systemctl reload lifeboat");
  }

  private static ControlSocket.Answer answer(BackupOutcome outcome) {
    return switch (outcome) {
      case BackupOutcome.Stored(var manifest, Duration took, var leftOut) -> {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        answer.set("manifest", JSON.readTree(manifest.toJson()));
        answer.set("left_out", JSON.valueToTree(leftOut));
        yield new ControlSocket.Answer.Done(answer.put("took_ms", took.toMillis()));
      }
      case BackupOutcome.SlotTaken _, BackupOutcome.SlotHeld _ ->
          throw new IllegalStateException("a run by hand has no slot: " + outcome);
      case BackupOutcome.Failed failed ->
          new ControlSocket.Answer.Failed(failed.reason().label(), failed.message(), failed.hint());
    };
  }

  /// Answers when the new configuration was found right: taking it over closes this very socket.
  private static ControlSocket.Answer reload(Inbox inbox) throws InterruptedException {
    CompletableFuture<Optional<String>> outcome = inbox.request();
    try {
      Optional<String> problem = outcome.get(RELOAD_PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
      return problem.isEmpty()
          ? new ControlSocket.Answer.Done(JsonNodeFactory.instance.objectNode())
          : new ControlSocket.Answer.Failed("configuration", problem.get(), "");
    } catch (TimeoutException e) {
      return new ControlSocket.Answer.Failed(
          "busy", "the reload waits for a backup that is in progress", "");
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }
}
