package dev.lifeboat.lab.experiment;

import dev.lifeboat.lab.Await;
import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.Prometheus;
import dev.lifeboat.lab.alerts.Message;
import dev.lifeboat.lab.alerts.Message.Service;
import dev.lifeboat.lab.alerts.Monitoring;
import dev.lifeboat.lab.alerts.ScaledRules;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// Plays faults and healthy stretches, and says which mails came of each.
public final class AlertPlay {
  /// What fires always, and what a new store is excused from for eight days.
  private static final Set<String> CALM = Set.of("Watchdog", "VaultBackupNeverVerified");

  private static final String SCHEDULE = "backup.schedules.regular.cron = \"*/5 * * * *\"";
  private static final Duration QUIET_BOUND = Duration.ofMinutes(2);

  /// A poll, a scrape, an evaluation and a mail.
  private static final Duration WAY = Duration.ofSeconds(6);

  private final AlertStage stage;
  private final Path folder;
  private final ScaledRules rules;
  private final InstantSource clock;
  private int plays;

  /// @param folder is filled with what Prometheus and Alertmanager leave, each play anew
  public AlertPlay(AlertStage stage, Path folder, ScaledRules rules, InstantSource clock) {
    this.stage = stage;
    this.folder = folder;
    this.rules = rules;
    this.clock = clock;
  }

  /// What came of one play.
  ///
  /// @param expected the alerts that should have been told
  /// @param told by alert, seconds from the beginning to the first mail
  /// @param refused messages that a real service would not have taken
  public record Outcome(
      String name, Set<String> expected, Map<String, Double> told, List<String> refused) {
    public List<String> falseAlarms() {
      return told.keySet().stream().filter(alert -> !expected.contains(alert)).toList();
    }

    public List<String> missing() {
      return expected.stream().filter(alert -> !told.containsKey(alert)).sorted().toList();
    }

    public boolean good() {
      return falseAlarms().isEmpty() && missing().isEmpty() && refused.isEmpty();
    }
  }

  /// Mends what it has broken, also when the alerts are wrong.
  public Outcome play(Fault fault) throws InterruptedException {
    stage.startAgents(fault.configuration().apply(stage));
    try (var monitoring = quietMonitoring()) {
      Instant began = clock.instant();
      try {
        fault.strike().to(stage);
        await(clock.instant().plus(scaled(fault.ruled())).plus(fault.real()));
      } finally {
        fault.mend().to(stage);
      }
      await(clock.instant().plus(WAY));
      return outcome(fault.name(), fault.expected(), began, monitoring);
    }
  }

  /// Nothing is wrong, and what people do on an ordinary day is done: the leader steps down, every
  /// node is restarted one after the other, a backup is taken by hand.
  public Outcome healthy(Duration length) throws InterruptedException {
    stage.startAgents(SCHEDULE);
    try (var monitoring = quietMonitoring()) {
      Instant began = clock.instant();
      await(began.plus(length.dividedBy(4)));
      stage.stepDown();
      await(began.plus(length.dividedBy(2)));
      restartAll();
      await(began.plus(length.dividedBy(4).multipliedBy(3)));
      stage.agentOfLeader().run("backup").require();
      await(began.plus(length));
      return outcome("healthy for " + length.toSeconds() + " s", Set.of(), began, monitoring);
    }
  }

  /// Standbys first; the leader steps down before its turn.
  private void restartAll() throws InterruptedException {
    var last = stage.leader();
    for (var node : stage.cluster().nodes()) {
      if (!node.equals(last)) {
        stage.cluster().restart(node);
        stage.cluster().awaitWhole();
        await(clock.instant().plus(scaled(Duration.ofMinutes(1))));
      }
    }
    stage.stepDown();
    stage.cluster().restart(last);
    stage.cluster().awaitWhole();
  }

  private Monitoring quietMonitoring() {
    var monitoring =
        Monitoring.start(
            folder.resolve("play-" + ++plays),
            stage.fleet(),
            rules,
            rules.routing(),
            Monitoring.QUICK);
    try {
      Await.until(
          "nothing to be wrong before it begins: " + folder,
          QUIET_BOUND,
          () -> quiet(monitoring.prometheus()));
      return monitoring;
    } catch (RuntimeException e) {
      var wrong = monitoring.prometheus().alerts();
      monitoring.close();
      throw new LabException("not quiet before it begins: " + wrong, e);
    }
  }

  /// All agents are scraped, and nothing fires or is about to that is not calm.
  private boolean quiet(Prometheus prometheus) {
    return prometheus.query("vault_node_up == 1").size() == stage.cluster().nodes().size()
        && prometheus.query("sum(vault_backup_stored_snapshots) > 0").size() == 1
        && prometheus.alerts().stream().map(Prometheus.Alert::name).allMatch(CALM::contains);
  }

  private Outcome outcome(String name, Set<String> expected, Instant began, Monitoring monitoring) {
    var told = new TreeMap<String, Double>();
    for (Message message : monitoring.receivers().messages()) {
      if (message.service() == Service.MAIL && message.firing()) {
        told.putIfAbsent(message.alert(), Duration.between(began, message.at()).toMillis() / 1e3);
      }
    }
    var refused = new ArrayList<>(monitoring.receivers().refused());
    refused.addAll(monitoring.prometheus().ruleFailures());
    return new Outcome(name, expected, told, refused);
  }

  private Duration scaled(Duration ruled) {
    return Duration.ofMillis(Math.round(ruled.toMillis() / rules.factor()));
  }

  private void await(Instant at) throws InterruptedException {
    long millis = Duration.between(clock.instant(), at).toMillis();
    if (millis > 0) {
      TimeUnit.MILLISECONDS.sleep(millis);
    }
  }
}
