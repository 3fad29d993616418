package dev.lifeboat.lab.dashboards;

import dev.lifeboat.lab.AgentFleet;
import dev.lifeboat.lab.Await;
import dev.lifeboat.lab.Checkout;
import dev.lifeboat.lab.Cluster;
import dev.lifeboat.lab.ClusterNode;
import dev.lifeboat.lab.ClusterPlan;
import dev.lifeboat.lab.Folders;
import dev.lifeboat.lab.LabAgent;
import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.Postgresql;
import dev.lifeboat.lab.Prometheus;
import dev.lifeboat.lab.Provisioning;
import dev.lifeboat.lab.Servers;
import dev.lifeboat.lab.Sshd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Two bad minutes of a real OpenBao cluster of three, watched by its agents and recorded by a real
/// Prometheus: what dashboards are tried on, and what their pictures are drawn from.
///
/// Backups are taken every 20 s into two folders and copied to another machine by SFTP. One of the
/// two standbys is sealed for so long that the alert fires; meanwhile a store is away and a backup
/// fails for it, and the leader steps down. Then everything is mended.
final class Scene implements AutoCloseable {
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final Duration QUIET = Duration.ofSeconds(15);
  private static final Duration AFTERWARDS = Duration.ofSeconds(6);
  private static final String FIRES = "ALERTS{alertstate=\"firing\", alertname=\"VaultSealed\"}";

  private static final Prometheus.Pace PACE =
      new Prometheus.Pace(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofMinutes(1));

  private final Path folder;
  private final Cluster cluster;
  private final AgentFleet fleet;
  private final Prometheus prometheus;
  private final Deque<Runnable> endings;
  private final Instant begun = Instant.now();
  private Instant worst = begun;

  private Scene(
      Path folder,
      Cluster cluster,
      AgentFleet fleet,
      Prometheus prometheus,
      Deque<Runnable> endings) {
    this.folder = folder;
    this.cluster = cluster;
    this.fleet = fleet;
    this.prometheus = prometheus;
    this.endings = endings;
  }

  /// Starts cluster, database, Prometheus and agents.
  ///
  /// @param folder exists, and is empty; its path must be short, for control sockets are in it
  static Scene open(Path folder) {
    Deque<Runnable> endings = new ArrayDeque<>();
    try {
      AgentFleet.makeKeys(folder, 3);
      var database = Beside.start(folder);
      endings.push(database::close);
      var far = Sshd.start(folder.resolve("sshd"), "");
      endings.push(far::close);
      var plan =
          ClusterPlan.of(Servers.openbao(), 3)
              .named("prod")
              .shamir(1, 1)
              .audited()
              .withOpenTelemetry();
      var cluster = Cluster.create(plan, folder.resolve("cluster"));
      endings.push(cluster::close);
      Provisioning.install(cluster.root());
      var configuration = configuration(folder, database, far);
      var fleet = AgentFleet.equip(cluster, folder, AgentFleet.Routine.LIVELY, configuration);
      endings.push(fleet::close);
      for (var agent : fleet.agents()) {
        look(agent, cluster);
      }
      var prometheus =
          Prometheus.start(
              folder.resolve("prometheus"),
              Checkout.root().resolve("alert-rules"),
              PACE,
              new Prometheus.Job("lifeboat", fleet.agents()));
      endings.push(prometheus::close);
      fleet.start();
      return new Scene(folder, cluster, fleet, prometheus, endings);
    } catch (RuntimeException e) {
      endings.forEach(Runnable::run);
      throw e;
    }
  }

  /// At what each agent looks besides. The front door is a node that will be sealed.
  private static void look(LabAgent agent, Cluster cluster) {
    var text =
        """
        collectors {
          certificates.interval = 1s
          storage.raft-folder = "%s"
          audit.files { file = "%s" }
          telemetry { enabled = true, interval = 1s }
          probe { address = "%s", interval = 1s }
        }
        """
            .formatted(
                agent.node().config().raftFolder(),
                Cluster.auditFile(cluster.folder()),
                cluster.standbys().getFirst().address());
    try {
      Files.writeString(agent.configFile(), text, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String configuration(Path folder, Beside database, Sshd far) {
    return """
    stores {
      local { type = local, path = "%1$s/local" }
      nas { type = local, path = "%1$s/nas" }
      far {
    %7$s}
      far.replicate-from = local
    }
    backup {
      schedules.often.cron = "*/20 * * * * *"
      verification.cron = "*/30 * * * * *"
      identity-file = "%2$s"
      postgresql {
        host = "127.0.0.1", port = %3$d, database = "%4$s", user = "lifeboat", ca-file = "%8$s"
        password { file = "%5$s" }
        programs = "%6$s"
      }
    }
    objectives {
      default { recovery-time = 30m, data-loss = 1h }
      region-failover { data-loss = 4h }
    }
    notify {
      ticket { command = ["/bin/true"] }
      chat { command = ["/bin/false"] }
    }
    """
        .formatted(
            folder.resolve("stores"),
            folder.resolve("escrow.identity"),
            database.primary().port(),
            Postgresql.DATABASE,
            Folders.writeSecret(folder.resolve("database-password"), Postgresql.PASSWORD),
            Servers.postgresql(),
            far.storeBlock(Folders.create(folder.resolve("far"))),
            database.certificate());
  }

  void play() {
    var leader = cluster.awaitLeader(BOUND);
    pause(QUIET);
    var sealed = cluster.standbys().getFirst();
    cluster.seal(sealed);
    failBackup(leader);
    stepDown(leader);
    // The rule waits for a minute.
    Await.until(
        "VaultSealed to fire", BOUND.multipliedBy(2), () -> !prometheus.query(FIRES).isEmpty());
    pause(Duration.ofSeconds(2));
    worst = Instant.now();
    cluster.unseal(sealed);
    cluster.awaitWhole();
    pause(AFTERWARDS);
  }

  /// The store is away for a moment: there is a file where its folder was.
  private void failBackup(ClusterNode leader) {
    var nas = folder.resolve("stores/nas");
    var away = folder.resolve("stores/nas-away");
    try {
      Files.move(nas, away);
      Files.createFile(nas);
      LabAgent agent = fleet.beside(leader);
      if (agent.run("backup").exit() == 0) {
        throw new LabException("a backup without a required store has not failed");
      }
      Await.until(
          "the failure to be scraped",
          BOUND,
          () -> !prometheus.query("sum(vault_backup_failures_total) > 0").isEmpty());
      pause(Duration.ofSeconds(4));
      Folders.delete(nas);
      Files.move(away, nas);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void stepDown(ClusterNode leader) {
    cluster.root().put("sys/step-down", Map.of()).require();
    Await.until(
        "another leader", BOUND, () -> cluster.leader().filter(node -> !node.equals(leader)));
  }

  Prometheus prometheus() {
    return prometheus;
  }

  /// When it was begun to be recorded.
  Instant begun() {
    return begun;
  }

  /// Just before things were mended.
  Instant worst() {
    return worst;
  }

  private static void pause(Duration time) {
    try {
      TimeUnit.NANOSECONDS.sleep(time.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }

  @Override
  public void close() {
    endings.forEach(Runnable::run);
  }
}
