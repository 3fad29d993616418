package dev.lifeboat.lab.experiment;

import dev.lifeboat.lab.Await;
import dev.lifeboat.lab.Certificates;
import dev.lifeboat.lab.ClusterNode;
import dev.lifeboat.lab.Folders;
import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.Provisioning;
import dev.lifeboat.lab.Provisioning.Role;
import dev.lifeboat.lab.Signal;
import dev.lifeboat.lab.Tmpfs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;

/// Every fault that `./lifeboat lab alerts` plays. One more is one more line of [#all].
public final class Faults {
  private static final String OFTEN = "backup.schedules.often.cron = \"*/10 * * * * *\"";

  /// A store is read once a minute.
  private static final Duration READING = Duration.ofSeconds(65);

  /// Autopilot's patience with a peer, and the age of an echo that is too old.
  static final Duration ECHO = Duration.ofSeconds(35);

  private static final Duration SEEN = Duration.ofSeconds(8);
  private static final String OWN = "agent";
  private static final int STEP_DOWNS = 3;
  private static final int SEALED = 503;

  /// What one node less of three means.
  static final Set<String> ONE_LESS =
      Set.of("VaultQuorumAtRisk", "VaultPeerUnhealthy", "VaultPeerSilent");

  /// That, and nobody is let in any more.
  private static final Set<String> NO_DOOR = and(ONE_LESS, "VaultErrorBudgetBurnsFast");

  /// What it means that no store takes a backup or shows one.
  private static final Set<String> STOPPED =
      Set.of("VaultBackupFailed", "VaultBackupNeverSucceeded", "VaultBackupStoreUnreadable");

  /// What an active node means that must write and cannot.
  private static final Set<String> DEAF = Set.of("VaultStorageAlmostFull", "VaultRequestsFailing");

  /// What the end of an agent's token means.
  private static final Set<String> UNTOLD = Set.of("VaultTokenExpiring", "VaultPollFailing");

  private Faults() {}

  /// In the order in which they are played.
  public static List<Fault> all() {
    return Stream.of(onRaft(), NetworkFaults.all(), PostgresqlFaults.all())
        .flatMap(List::stream)
        .toList();
  }

  private static List<Fault> onRaft() {
    return List.of(
        fault("active node killed", and(ONE_LESS, "VaultNodeUnreachable"), 4, ECHO)
            .strike(stage -> stage.cluster().kill(stage.leader()))
            .mend(Faults::restartTheDead),
        fault("standby sealed", and(ONE_LESS, "VaultSealed"), 4, ECHO)
            .strike(stage -> stage.cluster().seal(stage.standby()))
            .mend(Faults::unseal),
        fault("node restarted and left sealed", and(ONE_LESS, "VaultSealed"), 4, ECHO)
            .strike(stage -> stage.cluster().restartSealed(stage.leader()))
            .mend(Faults::unseal),
        fault("all nodes sealed", Set.of("VaultSealed", "VaultNoActiveNode"), 8, SEEN)
            .strike(stage -> stage.cluster().nodes().forEach(stage.cluster()::seal))
            .mend(Faults::unseal),
        fault("leader flapping", Set.of("VaultLeadershipFlapping"), 3, SEEN)
            .strike(Faults::flap)
            .mend(stage -> stage.cluster().awaitWhole()),
        fault("agent of the active node down", Set.of("VaultExporterDown"), 8, SEEN)
            .strike(stage -> stage.agentOfLeader().kill())
            .mend(stage -> stage.agentOfLeader().start()),
        fault("store emptied", Set.of("VaultBackupStoreEmpty"), 12, READING)
            .strike(stage -> empty(stage.stores().getLast()))
            .mend(stage -> stage.agentOfLeader().run("backup").require()),
        // Where no store can be read nobody knows how old the newest backup is: not
        // VaultBackupStale.
        fault("backups stopped", STOPPED, 17, READING)
            .with(stage -> OFTEN)
            .strike(stage -> stage.stores().forEach(Faults::spoil))
            .mend(stage -> stage.stores().forEach(Faults::bringBack)),
        fault("tokens and secret ids revoked", Set.of("VaultPollFailing"), 14, SEEN)
            .strike(Faults::revoke)
            .mend(Faults::issue),
        fault("token ends and is not renewed", UNTOLD, 14, Duration.ofSeconds(30))
            .with(Faults::tokenOfItsOwn)
            .strike(Faults::shortenToken)
            .mend(stage -> {}),
        fault("audit file moved away", Set.of("VaultAuditFileMissing"), 8, SEEN)
            .with(Faults::watchingAudit)
            .strike(stage -> move(stage.auditFile(), away(stage.auditFile())))
            .mend(stage -> move(away(stage.auditFile()), stage.auditFile())),
        fault("audit file replaced", Set.of("VaultAuditRequestMissing"), 5, SEEN)
            .with(Faults::watchingAudit)
            .strike(Faults::replaceAudit)
            .mend(stage -> move(away(stage.auditFile()), stage.auditFile())),
        fault("certificate about to expire", Set.of("VaultCertificateExpiresSoon"), 13, SEEN)
            .with(Faults::ownCertificate)
            .strike(Faults::replaceCertificate)
            .mend(stage -> {}),
        fault("node behind the front door killed", and(NO_DOOR, "VaultNodeUnreachable"), 5, ECHO)
            .with(Faults::probing)
            .strike(stage -> stage.cluster().kill(door(stage)))
            .mend(Faults::restartTheDead),
        fault("audit disk full", DEAF, 14, SEEN)
            .with(Faults::watchingAudit)
            .strike(Faults::fillAuditDisk)
            .mend(Faults::emptyAuditDisk),
        fault("clock 30 s ahead", Set.of("VaultClockSkew"), 8, SEEN)
            .strike(stage -> stage.agentOfLeader().restart(Duration.ofSeconds(30)))
            .mend(stage -> {}));
  }

  /// The faults with these names, or all of them when there is none.
  public static List<Fault> named(List<String> names) {
    for (String name : names) {
      if (all().stream().noneMatch(fault -> fault.name().equals(name))) {
        throw new LabException("no fault is called " + name + "\nhint: one of " + all());
      }
    }
    return all().stream().filter(it -> names.isEmpty() || names.contains(it.name())).toList();
  }

  /// One on the ground of most.
  static Outline fault(String name, Set<String> expected, int ruledMinutes, Duration real) {
    return new Outline(
        name, Ground.RAFT, expected, stage -> "", Duration.ofMinutes(ruledMinutes), real);
  }

  /// A fault of which it is not said yet what is done.
  record Outline(
      String name,
      Ground ground,
      Set<String> expected,
      Function<AlertStage, String> configuration,
      Duration ruled,
      Duration real) {
    Outline on(Ground other) {
      return new Outline(name, other, expected, configuration, ruled, real);
    }

    Outline with(Function<AlertStage, String> configuration) {
      return new Outline(name, ground, expected, configuration, ruled, real);
    }

    Begun strike(Fault.Deed deed) {
      return new Begun(this, deed);
    }
  }

  /// A fault of which it is not said yet how it ends.
  record Begun(Outline outline, Fault.Deed strike) {
    Fault mend(Fault.Deed deed) {
      return new Fault(
          outline.name(),
          outline.ground(),
          outline.expected(),
          outline.configuration(),
          outline.ruled(),
          outline.real(),
          strike,
          deed);
    }
  }

  static Set<String> and(Set<String> alerts, String more) {
    var all = new TreeSet<>(alerts);
    all.add(more);
    return all;
  }

  private static void restartTheDead(AlertStage stage) {
    stage.cluster().nodes().stream()
        .filter(node -> !node.running())
        .forEach(node -> stage.cluster().restart(node));
    stage.cluster().awaitWhole();
  }

  private static void unseal(AlertStage stage) {
    stage.cluster().nodes().stream()
        .filter(node -> node.health() == SEALED)
        .forEach(node -> stage.cluster().unseal(node));
    stage.cluster().awaitWhole();
  }

  private static void flap(AlertStage stage) throws InterruptedException {
    for (int i = 0; i < STEP_DOWNS; i++) {
      stage.stepDown();
      // A node that has stepped down does not stand for 10 s; with all of them waiting none leads.
      TimeUnit.SECONDS.sleep(11);
    }
  }

  /// Takes away what the agents have and what they could get another one by.
  private static void revoke(AlertStage stage) {
    var root = stage.cluster().root();
    for (Role role : Role.values()) {
      var path = "auth/approle/role/" + role.policyName() + "/secret-id";
      for (var accessor : root.list(path).require().body().path("data").path("keys")) {
        root.put(path + "-accessor/destroy", Map.of("secret_id_accessor", accessor.stringValue()))
            .require();
      }
    }
    root.put("sys/leases/revoke-prefix/auth/approle/login", Map.of()).require();
  }

  /// New ones. After five refused logins the server refuses good ones too, for a quarter of an
  /// hour, unless an administrator unlocks the role.
  private static void issue(AlertStage stage) {
    var root = stage.cluster().root();
    var accessor =
        root.get("sys/auth").require().body().path("data").path("approle/").path("accessor");
    for (Role role : Role.values()) {
      var _ = Provisioning.credentials(root, role, stage.folder());
      var id = root.get("auth/approle/role/" + role.policyName() + "/role-id").require();
      root.post(
              "sys/locked-users/%s/unlock/%s"
                  .formatted(accessor.stringValue(), id.text("data.role_id")),
              Map.of())
          .require();
    }
  }

  private static String tokenOfItsOwn(AlertStage stage) {
    writeToken(stage, "24h");
    // Nothing of the login that the agent has otherwise.
    return """
    vault.auth = null
    vault.auth { method = token, token = { file = "%s" } }
    """
        .formatted(tokenFile(stage));
  }

  /// Such a token is not renewed, so it ends, and nobody gives another.
  private static void shortenToken(AlertStage stage) {
    try {
      String before = Files.readString(tokenFile(stage));
      writeToken(stage, "25s");
      stage.cluster().root().post("auth/token/revoke", Map.of("token", before)).require();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void writeToken(AlertStage stage, String life) {
    var asked =
        Map.of("policies", List.of(Role.WATCH.policyName()), "ttl", life, "renewable", false);
    var token = stage.cluster().root().post("auth/token/create", asked).require();
    var _ = Folders.writeSecret(tokenFile(stage), token.text("auth.client_token"));
  }

  private static Path tokenFile(AlertStage stage) {
    return stage.folder().resolve("token");
  }

  private static String watchingAudit(AlertStage stage) {
    return "collectors.audit.files { file = \"%s\" }".formatted(stage.auditFile());
  }

  /// By an empty one, as a rotation does that does not tell the server.
  private static void replaceAudit(AlertStage stage) {
    move(stage.auditFile(), away(stage.auditFile()));
    try {
      Files.createFile(stage.auditFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// By somebody else's file: the nodes refuse every request that they cannot write down.
  private static void fillAuditDisk(AlertStage stage) {
    var disk = Tmpfs.mount(stage.auditFolder(), "1m").folder();
    stage.cluster().nodes().forEach(ClusterNode::reload);
    Await.until("the nodes to write there", SEEN, () -> Files.exists(stage.auditFile()));
    try (var out = Files.newOutputStream(disk.resolve("filler"))) {
      var block = new byte[4096];
      while (true) {
        out.write(block);
      }
    } catch (IOException e) {
      // Full.
    }
  }

  private static void emptyAuditDisk(AlertStage stage) {
    Tmpfs.detach(stage.auditFolder());
    stage.cluster().nodes().forEach(ClusterNode::reload);
    stage.cluster().awaitWhole();
  }

  private static void move(Path from, Path to) {
    try {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Shown to nobody, since the nodes speak plain HTTP: it is the date that matters.
  private static String ownCertificate(AlertStage stage) {
    var own = certificates(stage).lasting(OWN, 90);
    return """
    vault.tls { certificate-file = "%s", private-key-file = "%s" }
    collectors.certificates.interval = 1s
    """
        .formatted(own.certificateFile(), own.privateKeyFile());
  }

  private static void replaceCertificate(AlertStage stage) {
    var ending = certificates(stage).ending("ending");
    move(ending.privateKeyFile(), ending.privateKeyFile().resolveSibling(OWN + "-key.pem"));
    move(ending.certificateFile(), ending.certificateFile().resolveSibling(OWN + ".pem"));
    stage.fleet().agents().forEach(agent -> Signal.HUP.to(agent.pid()));
  }

  private static Certificates certificates(AlertStage stage) {
    return Certificates.in(stage.folder().resolve("certificates"));
  }

  private static ClusterNode door(AlertStage stage) {
    return stage.cluster().nodes().getFirst();
  }

  private static String probing(AlertStage stage) {
    return "collectors.probe { address = \"%s\", interval = 1s }".formatted(door(stage).address());
  }

  private static void empty(Path store) {
    Folders.delete(store);
    Folders.create(store);
  }

  /// What was a folder is a file: nothing can be stored, and nothing be read.
  private static void spoil(Path store) {
    try {
      Files.move(store, away(store));
      Files.writeString(store, "not a folder\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void bringBack(Path store) {
    try {
      Files.delete(store);
      Files.move(away(store), store);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path away(Path store) {
    return store.resolveSibling(store.getFileName() + ".away");
  }
}
