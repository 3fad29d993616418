package dev.lifeboat.daemon;

import dev.lifeboat.backup.Backup;
import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.Catalogue;
import dev.lifeboat.backup.Catalogue.Survey;
import dev.lifeboat.backup.Expiry;
import dev.lifeboat.backup.Memory;
import dev.lifeboat.backup.MemoryFile;
import dev.lifeboat.backup.Milestones;
import dev.lifeboat.backup.Readers;
import dev.lifeboat.backup.Remembering;
import dev.lifeboat.backup.Replication;
import dev.lifeboat.backup.Spool;
import dev.lifeboat.collector.ApiRequests;
import dev.lifeboat.collector.ConfigReload;
import dev.lifeboat.collector.ProbeRequests;
import dev.lifeboat.config.ConfigException;
import dev.lifeboat.config.Problem;
import dev.lifeboat.http.HttpEndpoint;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.notify.Notifier;
import dev.lifeboat.notify.NotifyCounts;
import dev.lifeboat.vault.Leader;
import dev.lifeboat.vault.TokenKeeper;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.watch.NodeState;
import dev.lifeboat.watch.Reading;
import dev.lifeboat.watch.Role;
import dev.lifeboat.watch.Watch;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/// The running agent: everything of one configuration, from open to close, and then perhaps
/// everything of the next.
public final class Agent {
  /*
   * A reload closes all parts and opens them anew with the new configuration; only the process,
   * its counters and its place under systemd stay. That takes a fraction of a second, in which a
   * scrape finds nobody; in exchange there is one way in which parts come to be, and no part that
   * must know how to change under way. The new configuration is validated before anything is
   * closed. When opening with it fails all the same (the port is taken), the old one is opened
   * again; when even that fails the process ends, and systemd starts it anew.
   */
  private static final System.Logger logger = System.getLogger(Agent.class.getName());

  /// All of the agent has two seconds to end.
  private static final Notifier.Pauses NOTIFY =
      new Notifier.Pauses(Duration.ofSeconds(5), Duration.ofMillis(300));

  private final Host host;
  private final Inbox inbox;
  private final SdNotify notify;
  private final ApiRequests requests = new ApiRequests();
  private final ProbeRequests probes = new ProbeRequests();
  private final BackupCounts counts = new BackupCounts();
  private final NotifyCounts notifyCounts = new NotifyCounts();
  private final ReplicaCounts replicaCounts = new ReplicaCounts();
  private volatile ConfigReload reload;

  /// What the agent runs in.
  ///
  /// @param reread reads and validates the configuration; [ConfigException] when it is wrong
  /// @param log sets the level of the log
  /// @param revision the commit this was built from, or `unknown`
  public record Host(
      Supplier<LifeboatConfig> reread,
      Consumer<LogLines.Threshold> log,
      Map<String, String> environment,
      InstantSource clock,
      Milestones milestones,
      String version,
      String revision) {}

  public Agent(Host host, Inbox inbox) {
    this.host = host;
    this.inbox = inbox;
    this.notify = SdNotify.of(host.environment());
    this.reload = new ConfigReload(true, host.clock().instant());
  }

  /// Runs until [Inbox#stop] or an interrupt; then everything is closed in reverse order.
  public void run(LifeboatConfig first) throws InterruptedException {
    LifeboatConfig config = first;
    Optional<LifeboatConfig> previous = Optional.empty();
    while (true) {
      Opening opening = new Opening(previous.isPresent());
      try {
        Optional<LifeboatConfig> next = serve(config, opening);
        if (next.isEmpty()) {
          logger.log(System.Logger.Level.INFO, "event=stopped");
          return;
        }
        previous = Optional.of(config);
        config = next.get();
      } catch (RuntimeException e) {
        if (opening.done || previous.isEmpty()) {
          throw e;
        }
        refused("cannot be opened", e);
        config = previous.get();
        previous = Optional.empty();
      }
    }
  }

  /// Whether everything of a configuration was opened, and what to record then.
  private final class Opening {
    private final boolean reloading;
    private boolean done;

    Opening(boolean reloading) {
      this.reloading = reloading;
    }

    void done() {
      done = true;
      if (reloading) {
        reload = new ConfigReload(true, host.clock().instant());
        logger.log(System.Logger.Level.INFO, "event=config_reloaded");
      }
    }
  }

  private Optional<LifeboatConfig> serve(LifeboatConfig config, Opening opening)
      throws InterruptedException {
    InstantSource clock = host.clock();
    try (VaultClient client = VaultClient.open(config.vault(), requests);
        TokenKeeper keeper = TokenKeeper.open(client, config.vault().auth(), clock);
        Watch watch = Watch.open(client, keeper, config.watch(), clock);
        Lookouts lookouts =
            Lookouts.open(new Observed(config, watch, keeper), client, probes, clock)) {
      if (config.backup().isEmpty()) {
        return present(new Presence(lookouts, Optional.empty(), notifyCounts, host), opening);
      }
      BackupConfig backup = config.backup().get();
      TrustedSigners signers = TrustedSigners.read(backup.trustedSignersFile());
      warnOfLoneRecipient(backup);
      BooleanSupplier leads = () -> watch.latest().role() == Role.ACTIVE;
      Optional<Spool> turn = new SpoolTurn(backup.spool(), inbox, notify).await(SpoolTurn.PATIENCE);
      if (turn.isEmpty()) {
        return Optional.empty();
      }
      Readers readers = new Readers();
      Memory memory = MemoryFile.load(backup.spool(), signers);
      try (Spool spool = turn.get();
          Notifier notifier =
              Notifier.open(
                  config.notifyTargets(), host.environment(), NOTIFY, notifyCounts, clock);
          TokenKeeper writer =
              TokenKeeper.open(client, backup.auth().orElse(config.vault().auth()), clock);
          OpenStores stores = OpenStores.open(backup);
          Shelf shelf =
              shelf(
                  backup,
                  signers,
                  memory,
                  new Catalogue(stores.all(), signers, clock, readers, memory)::survey,
                  leads)) {
        Backup taker =
            new Backup(
                client, writer, backup, stores.written(backup), spool, clock, host.milestones());
        // What a process that was killed left behind goes now, not at the next backup.
        taker.cleanUp();
        BackupEvents events = new BackupEvents(backup.node(), clock, notifier::tell);
        try (Backups backups =
            Backups.open(
                backup,
                new Backups.Parts(
                    taker::run,
                    taker.unfinished().map(left -> new Backups.Unfinished(left, taker::finish)),
                    reserve(backup, watch, taker),
                    shelf,
                    counts,
                    stores.counted(),
                    new Expiries(
                        backup,
                        stores.all(),
                        new Expiry(signers, readers, clock, host.milestones(), memory),
                        counts),
                    new Prover(backup, stores.all(), readers, counts, events, clock)::prove,
                    events,
                    copying(
                        backup,
                        stores,
                        folder -> new Replication(folder, signers, readers, clock, memory))),
                leads,
                clock)) {
          return present(new Presence(lookouts, Optional.of(backups), notifyCounts, host), opening);
        }
      }
    }
  }

  private Shelf shelf(
      BackupConfig backup,
      TrustedSigners signers,
      Memory memory,
      Supplier<Survey> reading,
      BooleanSupplier leads) {
    Supplier<SigningKey> signing = () -> SigningKey.read(backup.signingKeyFile());
    Runnable save = () -> MemoryFile.save(backup.spool(), memory, signers, signing);
    return Shelf.open(
        new Remembering(reading, memory, save, host.clock()),
        backup.stores(),
        KnownBackups.open(backup.spool().resolve(".known-backups"), backup.stores()),
        leads,
        host.clock());
  }

  private static Scheduler.Reserve reserve(BackupConfig backup, Watch watch, Backup taker) {
    return new Scheduler.Reserve(
        () -> backup.isCoordinated() && isStandby(watch),
        taker::standIn,
        backup.claim().standbyAfter());
  }

  private static boolean isStandby(Watch watch) {
    NodeState state = watch.latest();
    return (state.role() == Role.STANDBY || state.role() == Role.PERF_STANDBY)
        && state.leader() instanceof Reading.Known<Leader>(Leader leader, var _, var _)
        && leader.address().isPresent();
  }

  private Backups.Copying copying(
      BackupConfig backup, OpenStores stores, Function<Path, Replication> opening) {
    List<Replicas.Link> links =
        backup.replicas().stream()
            .map(
                config ->
                    new Replicas.Link(
                        config,
                        stores.named(config.replica().orElseThrow().source()),
                        stores.named(config.name())))
            .toList();
    Replication replication = opening.apply(backup.spool().resolve("replica"));
    replication.clean();
    return new Backups.Copying(links, replication, replicaCounts);
  }

  /// A recipients file that cannot be read is for the next run to tell.
  private static void warnOfLoneRecipient(BackupConfig backup) {
    try {
      backup
          .loneRecipient()
          .ifPresent(
              warning ->
                  logger.log(
                      System.Logger.Level.WARNING,
                      "event=single_recipient message=" + LogLines.quoted(warning)));
    } catch (KeyException e) {
      logger.log(
          System.Logger.Level.WARNING,
          "event=recipients_unreadable message=" + LogLines.quoted(String.valueOf(e.getMessage())));
    }
  }

  /// Everything by which others see the agent, open until there is a reason to close it.
  private Optional<LifeboatConfig> present(Presence presence, Opening opening)
      throws InterruptedException {
    LifeboatConfig config = presence.config();
    try (HttpEndpoint http = presence.openHttp(requests, () -> reload);
        ControlSocket _ = ControlSocket.open(config.controlSocket(), presence.commands(inbox));
        Heartbeat _ = Heartbeat.open(notify, presence.signs())) {
      opening.done();
      host.log().accept(config.logLevel());
      logger.log(
          System.Logger.Level.INFO,
          "event=started version=%s revision=%s mode=%s vault=%s http=%s control=%s"
              .formatted(
                  host.version(),
                  host.revision(),
                  config.backup().isPresent() ? "agent" : "exporter",
                  config.vault().address(),
                  http.address(),
                  config.controlSocket()));
      presence.backups().ifPresent(Backups::begin);
      Optional<LifeboatConfig> next = awaitNext(presence);
      if (next.isEmpty()) {
        notify.stopping();
        logger.log(System.Logger.Level.INFO, "event=stopping");
      }
      return next;
    }
  }

  /// Blocks until there is a good new configuration, or until it is time to stop.
  private Optional<LifeboatConfig> awaitNext(Presence presence) throws InterruptedException {
    for (Optional<Inbox.Reload> asked = inbox.next(); asked.isPresent(); asked = inbox.next()) {
      try {
        LifeboatConfig next = host.reread().get();
        if (!presence.awaitQuiet(inbox)) {
          return Optional.empty();
        }
        logger.log(System.Logger.Level.INFO, "event=config_accepted");
        asked.get().outcome().complete(Optional.empty());
        return Optional.of(next);
      } catch (ConfigException e) {
        refused("is wrong", e);
        for (Problem problem : e.problems()) {
          logger.log(System.Logger.Level.ERROR, line(problem));
        }
        asked.get().outcome().complete(Optional.of(dev.lifeboat.config.ConfigFile.render(e)));
      }
    }
    return Optional.empty();
  }

  private void refused(String why, RuntimeException e) {
    reload = new ConfigReload(false, reload.lastSuccess());
    logger.log(
        System.Logger.Level.ERROR,
        "event=config_reload_failed why=%s message=%s kept=old"
            .formatted(
                LogLines.quoted("the new configuration " + why),
                LogLines.quoted(String.valueOf(e.getMessage()))));
  }

  private static String line(Problem problem) {
    return "event=config_problem at=%s key=%s message=%s hint=%s"
        .formatted(
            problem.origin(),
            problem.key(),
            LogLines.quoted(problem.message()),
            LogLines.quoted(problem.hint()));
  }

  /// How long one poll may take at the worst: every request of it timing out one after the other.
  static Duration patience(LifeboatConfig config) {
    Duration request = config.vault().connectTimeout().plus(config.vault().requestTimeout());
    return config.watch().interval().multipliedBy(3).plus(request.multipliedBy(8));
  }
}
