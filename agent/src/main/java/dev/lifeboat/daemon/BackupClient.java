package dev.lifeboat.daemon;

import dev.lifeboat.backup.Backup;
import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.BackupOutcome;
import dev.lifeboat.backup.FailureReason;
import dev.lifeboat.backup.Manifest;
import dev.lifeboat.backup.Milestones;
import dev.lifeboat.backup.Occasion;
import dev.lifeboat.backup.Progress;
import dev.lifeboat.backup.Spool;
import dev.lifeboat.notify.Notifier;
import dev.lifeboat.notify.NotifyCounts;
import dev.lifeboat.store.StoreConfig;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.vault.RequestObserver;
import dev.lifeboat.vault.TokenKeeper;
import dev.lifeboat.vault.VaultClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// One backup for the command line: taken by the agent that runs with this configuration or, when
/// none runs, by this process.
public final class BackupClient {
  private static final Notifier.Pauses NOTIFY =
      new Notifier.Pauses(Duration.ofSeconds(2), Duration.ofMinutes(1));

  private final LifeboatConfig config;
  private final BackupConfig backup;

  public BackupClient(LifeboatConfig config, BackupConfig backup) {
    this.config = config;
    this.backup = backup;
  }

  public BackupOutcome run(InstantSource clock, Milestones milestones, Progress progress) {
    return run(Occasion.BY_HAND, clock, milestones, progress);
  }

  /// The same with a label or a pin.
  public BackupOutcome run(
      Occasion occasion, InstantSource clock, Milestones milestones, Progress progress) {
    long began = System.nanoTime();
    try {
      return outcome(
          ControlClient.ask(config.controlSocket(), request(occasion), progress),
          Duration.ofNanos(System.nanoTime() - began));
    } catch (ControlException e) {
      if (e.reason() == ControlException.Reason.LEFT) {
        throw new ControlException(
            e.reason(),
            e.getMessage()
                + "\nhint: 'lifeboat status' shows how it goes, 'lifeboat list' what is stored",
            e);
      }
      if (e.reason() != ControlException.Reason.NOT_RUNNING) {
        throw e;
      }
      return runHere(occasion, backup.spool(), clock, milestones, progress);
    }
  }

  private static ObjectNode request(Occasion occasion) {
    ObjectNode request = JsonNodeFactory.instance.objectNode().put("command", "backup");
    occasion.label().ifPresent(label -> request.put("label", label));
    occasion
        .pinning()
        .ifPresent(
            pinning -> {
              ObjectNode pin = request.putObject("pin").put("by", pinning.by());
              pinning.span().ifPresent(span -> pin.put("span", span.toString()));
            });
    return request;
  }

  /// The other end of it; empty when the request is wrong.
  static Optional<Occasion> occasion(JsonNode request) {
    try {
      JsonNode pin = request.path("pin");
      return Optional.of(
          new Occasion(
              Optional.empty(),
              request.has("label")
                  ? Optional.of(request.path("label").asString(""))
                  : Optional.empty(),
              pin.isObject()
                  ? Optional.of(
                      new Occasion.Pinning(
                          pin.has("span")
                              ? Optional.of(Duration.parse(pin.path("span").asString("")))
                              : Optional.empty(),
                          pin.path("by").asString("unknown")))
                  : Optional.empty()));
    } catch (IllegalArgumentException | DateTimeException e) {
      return Optional.empty();
    }
  }

  private static BackupOutcome outcome(ControlClient.Reply reply, Duration waited) {
    return switch (reply) {
      case ControlClient.Reply.Done(JsonNode value) ->
          new BackupOutcome.Stored(
              Manifest.parse(value.path("manifest").toString().getBytes(StandardCharsets.UTF_8)),
              Duration.ofMillis(value.path("took_ms").asLong(waited.toMillis())),
              leftOut(value.path("left_out")));
      case ControlClient.Reply.Failed(String reason, String message, String hint)
          when reason.equals("not_configured") ->
          throw new ControlException(ControlException.Reason.REFUSED, message + "\nhint: " + hint);
      case ControlClient.Reply.Failed(String reason, String message, String hint) ->
          new BackupOutcome.Failed(reason(reason), message, hint, waited);
    };
  }

  private static Map<String, String> leftOut(JsonNode stores) {
    Map<String, String> leftOut = new TreeMap<>();
    stores
        .properties()
        .forEach(store -> leftOut.put(store.getKey(), store.getValue().asString("")));
    return leftOut;
  }

  private static FailureReason reason(String label) {
    return Arrays.stream(FailureReason.values())
        .filter(reason -> reason.label().equals(label))
        .findFirst()
        .orElse(FailureReason.INTERNAL);
  }

  /// What root leaves in the spool and the stores the agent's own user could not read afterwards.
  private static void requireOwner(Path spool) {
    try {
      Path home = Path.of("/proc/self");
      if (Files.exists(spool) && !Files.getOwner(spool).equals(Files.getOwner(home))) {
        throw new StoreException(
            StoreException.Reason.DENIED,
            "the spool %s belongs to %s\nhint: as that user: runuser -u %s -- lifeboat backup"
                .formatted(spool, Files.getOwner(spool), Files.getOwner(spool)));
      }
    } catch (IOException e) {
      throw new StoreException(
          StoreException.Reason.UNAVAILABLE, "the spool %s: %s".formatted(spool, e), e);
    }
  }

  /// The same by this process, whatever runs beside it: an agent asks its own node, and the one of
  /// this configuration may be far away.
  ///
  /// @param spool of this process alone
  public BackupOutcome runHere(
      Occasion occasion,
      Path spool,
      InstantSource clock,
      Milestones milestones,
      Progress progress) {
    requireOwner(spool);
    BackupOutcome outcome = taken(occasion, spool, clock, milestones, progress);
    // Nobody waits for what is told by this process but this process itself.
    try (Notifier notifier =
        Notifier.open(config.notifyTargets(), System.getenv(), NOTIFY, new NotifyCounts(), clock)) {
      new BackupEvents(backup.node(), clock, notifier::tell)
          .finished(outcome, backup.written().stream().map(StoreConfig::name).toList(), 0);
    }
    return outcome;
  }

  private BackupOutcome taken(
      Occasion occasion,
      Path folder,
      InstantSource clock,
      Milestones milestones,
      Progress progress) {
    try (VaultClient client = VaultClient.open(config.vault(), RequestObserver.NONE);
        TokenKeeper keeper =
            TokenKeeper.open(client, backup.auth().orElse(config.vault().auth()), clock);
        OpenStores stores = OpenStores.open(backup);
        Spool spool = Spool.open(folder)) {
      return new Backup(client, keeper, backup, stores.written(backup), spool, clock, milestones)
          .run(occasion, progress);
    }
  }
}
