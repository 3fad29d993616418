package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.config.Secret;
import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.vault.Health;
import dev.lifeboat.vault.RequestObserver;
import dev.lifeboat.vault.TokenKeeper;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.vault.VaultConfig;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultNode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What `lifeboat check --live` asks the server. It reads, asks what its tokens may do, and tries
/// the canary; it takes no snapshot and leaves no canary.
final class VaultExams {
  /// As on the status page.
  private static final Duration CLOCK_SKEW_MAX = Duration.ofSeconds(5);

  private final LifeboatConfig config;
  private final InstantSource clock;
  private final List<Exam> exams = new ArrayList<>();

  private VaultExams(LifeboatConfig config, InstantSource clock) {
    this.config = config;
    this.clock = clock;
  }

  static List<Exam> of(LifeboatConfig config, InstantSource clock) {
    VaultExams all = new VaultExams(config, clock);
    try (VaultClient client = VaultClient.open(config.vault(), RequestObserver.NONE)) {
      if (all.health(client.own())) {
        all.exams.addAll(SealExam.of(config, client.own()));
        all.active(client).ifPresent(active -> all.tokens(client, active));
      }
    } catch (VaultException e) {
      all.exams.add(Exam.wrong("vault", e, exit(e)));
    }
    return all.exams;
  }

  private boolean health(VaultNode own) {
    Health health;
    Instant before = clock.instant();
    try {
      health = own.health();
    } catch (VaultException e) {
      exams.add(Exam.wrong("vault", e, exit(e)));
      return false;
    }
    Instant middle = before.plus(Duration.between(before, clock.instant()).dividedBy(2));
    String node = "%s answers: version %s".formatted(own.address(), health.version());
    if (!health.initialized() || health.sealed()) {
      exams.add(
          Exam.wrong(
              "vault",
              node + (health.initialized() ? ", sealed" : ", not initialised"),
              "lifeboat status says what is missing",
              Exit.VAULT_UNAVAILABLE));
      return false;
    }
    exams.add(Exam.ok("vault", node + (health.standby() ? ", standby" : ", active")));
    // The server says whole seconds.
    Duration skew =
        Duration.between(middle, Instant.ofEpochSecond(health.serverTimeSeconds()).plusMillis(500));
    exams.add(
        skew.abs().compareTo(CLOCK_SKEW_MAX) > 0
            ? Exam.warning(
                "clock",
                "that of %s is %s %s ours"
                    .formatted(
                        own.address(),
                        Words.took(skew.abs()),
                        skew.isNegative() ? "behind" : "ahead of"),
                "chronyc tracking or timedatectl, on both machines")
            : Exam.ok(
                "clock", "within %d s of the server's".formatted(CLOCK_SKEW_MAX.toSeconds())));
    return true;
  }

  private Optional<VaultNode> active(VaultClient client) {
    try {
      VaultNode active = client.active();
      exams.add(Exam.ok("leader", active.address().toString()));
      return Optional.of(active);
    } catch (VaultException e) {
      exams.add(Exam.wrong("leader", e, exit(e)));
      return Optional.empty();
    }
  }

  private void tokens(VaultClient client, VaultNode active) {
    login(client, config.vault().auth(), "watch login")
        .ifPresent(
            keeper -> {
              try (keeper) {
                watch(active, keeper);
              }
            });
    if (config.backup().isPresent()) {
      BackupConfig backup = config.backup().get();
      login(client, backup.auth().orElse(config.vault().auth()), "backup login")
          .ifPresent(
              keeper -> {
                try (keeper) {
                  rights(active, keeper.token(), backup);
                } catch (VaultException e) {
                  exams.add(Exam.wrong("backup rights", e, exit(e)));
                }
              });
    }
  }

  private Optional<TokenKeeper> login(VaultClient client, VaultConfig.Auth auth, String topic) {
    TokenKeeper keeper = TokenKeeper.open(client, auth, clock);
    if (!keeper.configured()) {
      keeper.close();
      exams.add(
          topic.startsWith("backup")
              ? Exam.wrong(
                  topic,
                  "no login is configured: no backup can be taken",
                  "set backup.auth, with the policy docs/policies/backup.hcl",
                  Exit.VAULT_DENIED)
              : Exam.warning(
                  topic,
                  "no login is configured: the vault_cluster_* metrics are missing",
                  "set vault.auth, with the policy docs/policies/watch.hcl"));
      return Optional.empty();
    }
    try {
      var _ = keeper.token();
      exams.add(Exam.ok(topic, "done"));
      return Optional.of(keeper);
    } catch (VaultException e) {
      keeper.close();
      exams.add(Exam.wrong(topic, e, exit(e)));
      return Optional.empty();
    }
  }

  /// The very reads that the agent makes.
  private void watch(VaultNode active, TokenKeeper keeper) {
    List<String> paths =
        onRaft(active)
            ? List.of(
                "sys/storage/raft/configuration",
                "sys/storage/raft/autopilot/state",
                "sys/ha-status")
            : List.of("sys/ha-status");
    List<String> done = new ArrayList<>();
    for (String path : paths) {
      try {
        var _ = active.read(path, keeper.token());
        done.add(path);
      } catch (VaultException e) {
        exams.add(
            e.reason() == VaultException.Reason.DENIED
                ? Exam.wrong(
                    "watch rights",
                    "may not read " + path,
                    "give its token the policy docs/policies/watch.hcl",
                    Exit.VAULT_DENIED)
                : Exam.wrong("watch rights", e, exit(e)));
      }
    }
    if (done.equals(paths)) {
      exams.add(Exam.ok("watch rights", "read " + String.join(", ", done)));
    }
  }

  private static boolean onRaft(VaultNode active) {
    try {
      return active.leader().onRaft();
    } catch (VaultException e) {
      return true;
    }
  }

  private void rights(VaultNode active, Secret token, BackupConfig backup) {
    Map<String, Set<String>> needed = new LinkedHashMap<>();
    needed.put("sys/storage/raft/snapshot", Set.of("read"));
    Optional<CanaryExams> canary =
        backup
            .canary()
            .map(
                each -> new CanaryExams(active, token, each, config.vault().namespace().isEmpty()));
    canary.ifPresent(each -> needed.putAll(each.needed()));
    Set<String> lacking = lacking(active, token, needed);
    canary.ifPresent(each -> exams.addAll(each.tried(lacking::contains)));
  }

  /// Says what the token may do.
  ///
  /// @return the paths on which it may not do what is needed; none when that is not known
  private Set<String> lacking(VaultNode active, Secret token, Map<String, Set<String>> needed) {
    Map<String, Set<String>> may;
    try {
      may = active.capabilities(List.copyOf(needed.keySet()), token);
    } catch (VaultException e) {
      exams.add(
          e.reason() == VaultException.Reason.DENIED
              ? Exam.warning(
                  "backup rights",
                  "not known: the token may not ask sys/capabilities-self",
                  "the policy docs/policies/backup.hcl allows it; else lifeboat backup shows them")
              : Exam.wrong("backup rights", e, exit(e)));
      return Set.of();
    }
    Set<String> lacking = new TreeSet<>();
    needed.forEach(
        (path, capabilities) -> {
          Set<String> given = may.getOrDefault(path, Set.of());
          if (given.contains("root") || given.containsAll(capabilities)) {
            exams.add(Exam.ok("backup rights", "%s: %s".formatted(path, words(capabilities))));
            return;
          }
          lacking.add(path);
          exams.add(
              Exam.wrong(
                  "backup rights",
                  "%s: needs %s, has %s".formatted(path, words(capabilities), words(given)),
                  "give its token the policy docs/policies/backup.hcl",
                  Exit.VAULT_DENIED));
        });
    return lacking;
  }

  private static String words(Set<String> capabilities) {
    return String.join(", ", capabilities.stream().sorted().toList());
  }

  static Exit exit(VaultException e) {
    return switch (e.reason()) {
      case DENIED, NO_CREDENTIAL -> Exit.VAULT_DENIED;
      case UNREACHABLE,
          TIMEOUT,
          TRUNCATED,
          STALLED,
          NOT_JSON,
          TLS,
          SEALED,
          NOT_FOUND,
          REDIRECT_REFUSED,
          NO_LEADER,
          REFUSED,
          SERVER_ERROR ->
          Exit.VAULT_UNAVAILABLE;
    };
  }
}
