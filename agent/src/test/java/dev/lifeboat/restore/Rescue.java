package dev.lifeboat.restore;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lifeboat.backup.BackupConfig.CanaryConfig;
import dev.lifeboat.backup.Manifest;
import dev.lifeboat.config.SecretSource;
import dev.lifeboat.journal.Course;
import dev.lifeboat.journal.Journal;
import dev.lifeboat.journal.Step;
import dev.lifeboat.postgresql.Target;
import dev.lifeboat.unseal.Share;
import dev.lifeboat.vault.VaultConfig;
import dev.lifeboat.vault.VaultConfig.Auth;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.function.Executable;

/// Everything that a restore in a test needs beside its nodes: a backup, a folder for journals, a
/// login, and what was heard of its steps.
final class Rescue {
  static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");
  static final CanaryConfig CANARY = new CanaryConfig("secret/canary", Optional.empty());
  private static final String SNAPSHOT = "a snapshot of the old cluster";

  private final FakeRaft raft;
  private final Path folder;
  private final List<String> heard = new ArrayList<>();
  private List<NodeConfig> nodes;
  private Duration bound = Duration.ofSeconds(20);
  private List<String> after = List.of();
  private List<Manifest.Peer> peers = List.of();
  private RegionsConfig regions = RegionsConfig.NONE;
  private Auth auth;
  private Optional<Target> target = Optional.empty();
  private URI takenFrom = URI.create("http://127.0.0.1:1");

  Rescue(FakeRaft raft) {
    this.raft = raft;
    this.folder = raft.folder().resolve("runs");
    this.nodes = raft.configs();
    this.auth = new Auth.Token(new SecretSource.FromFile(secret("token", FakeRaft.TOKEN)));
  }

  /// Dies, as far as a test can, at a line of the journal.
  static final class Death extends Error {}

  private SecretSource.FromFile file(String name, String content) {
    return new SecretSource.FromFile(secret(name, content));
  }

  private Path secret(String name, String content) {
    try {
      Path file = Files.writeString(raft.folder().resolve(name), content);
      return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A login that gives each time another token.
  Rescue byAppRole() {
    auth = new Auth.AppRole("approle", file("role-id", "role"), file("secret-id", "secret"));
    return this;
  }

  Rescue takenFrom(URI address) {
    takenFrom = address;
    return this;
  }

  Rescue on(Target database) {
    target = Optional.of(database);
    return this;
  }

  Auth auth() {
    return auth;
  }

  Rescue bound(Duration shorter) {
    bound = shorter;
    return this;
  }

  Rescue after(String... command) {
    after = List.of(command);
    return this;
  }

  Rescue peers(Manifest.Peer... recorded) {
    peers = List.of(recorded);
    return this;
  }

  Rescue nodes(List<NodeConfig> configs) {
    nodes = configs;
    return this;
  }

  Rescue regions(RegionsConfig config) {
    regions = config;
    return this;
  }

  /// As the nodes are configured after a change of them.
  Rescue again() {
    return nodes(raft.configs());
  }

  RestoreConfig config() {
    return new RestoreConfig(
        folder, Optional.empty(), bound, after, nodes, regions, Optional.empty(), Optional.empty());
  }

  Manifest manifest() {
    return manifest(raft.shamir() ? "shamir" : "static", Optional.of(new Manifest.Raft(100, 3)));
  }

  Manifest manifest(String seal, Optional<Manifest.Raft> entry) {
    return manifest(FakeRaft.OLD, seal, entry);
  }

  /// Of another cluster with the same seal.
  Manifest manifestOf(String cluster) {
    String seal = raft.shamir() ? "shamir" : "static";
    return manifest(cluster, seal, Optional.of(new Manifest.Raft(100, 3)));
  }

  Manifest dumpOf(String cluster) {
    return manifest(cluster, raft.shamir() ? "shamir" : "static", Optional.empty());
  }

  private Manifest manifest(String cluster, String seal, Optional<Manifest.Raft> entry) {
    return manifest("20261122T020001Z-0000000a", NOW, cluster, seal, entry);
  }

  /// Of another time.
  Manifest manifest(String id, Instant takenAt) {
    String seal = raft.shamir() ? "shamir" : "static";
    return manifest(id, takenAt, FakeRaft.OLD, seal, Optional.of(new Manifest.Raft(100, 3)));
  }

  private Manifest manifest(
      String id, Instant takenAt, String cluster, String seal, Optional<Manifest.Raft> entry) {
    return new Manifest(
        Manifest.TYPE,
        id,
        new Manifest.Cluster(cluster, "lab", "openbao", "2.7.2"),
        "node-1",
        takenFrom,
        Optional.empty(),
        takenAt,
        takenAt,
        entry,
        new Manifest.Content(SNAPSHOT.length(), sha256()),
        new Manifest.Content(1, "0"),
        List.of(),
        new Manifest.Seal(seal, "raft", 3, FakeRaft.THRESHOLD, Optional.empty(), Optional.empty()),
        peers,
        Optional.empty(),
        List.of(new Manifest.Mount("secret/", "kv")),
        new Manifest.Counts(Optional.empty(), Optional.empty(), Optional.empty()),
        "0.1.0");
  }

  private static String sha256() {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256")
                  .digest(SNAPSHOT.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  static Source source(Manifest manifest) {
    return new Source() {
      @Override
      public Manifest manifest() {
        return manifest;
      }

      @Override
      public void extract(OutputStream plain) {
        try {
          plain.write(SNAPSHOT.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }

  /// By force where shares open it, with the right ones.
  ClusterOrder order() {
    return new ClusterOrder(
        source(manifest()), raft.shamir(), false, Optional.empty(), shares(), Optional.of(CANARY));
  }

  List<Share> shares() {
    return raft.shamir() ? shares(1, 2) : List.of();
  }

  static List<Share> shares(int... numbers) {
    List<Share> shares = new ArrayList<>();
    for (int number : numbers) {
      Share.parse(FakeRaft.share(number), "share " + number, Share.Kind.UNNAMED)
          .ifPresent(shares::add);
    }
    return shares;
  }

  static VaultConfig vault() {
    return new VaultConfig(
        URI.create("http://127.0.0.1:1"),
        List.of(),
        0,
        Optional.empty(),
        VaultConfig.Tls.DEFAULT,
        new Auth.None(),
        Duration.ofSeconds(2),
        Duration.ofSeconds(5));
  }

  /// What is done with a run.
  interface Act<T> {
    T with(Restoring restoring) throws InterruptedException;
  }

  <T> T run(String kind, IntConsumer journalled, Act<T> act) throws InterruptedException {
    InstantSource clock = InstantSource.fixed(NOW);
    Restoring.Run run = Restoring.find(config(), kind, clock);
    try (Restoring restoring =
        Restoring.open(
            config(),
            vault(),
            auth,
            new Restoring.Surroundings(clock, "ops at desk", journalled),
            run,
            target)) {
      return act.with(restoring);
    }
  }

  Report cluster() throws InterruptedException {
    return cluster(order());
  }

  Report cluster(ClusterOrder order) throws InterruptedException {
    return cluster(order, _ -> {});
  }

  /// As the command does it: plan, then run.
  Report cluster(ClusterOrder order, IntConsumer journalled) throws InterruptedException {
    return run(
        "restore-cluster",
        journalled,
        restoring -> {
          var _ = restoring.clusterPlan(order);
          return restoring.cluster(order, listener());
        });
  }

  List<String> clusterPlan(ClusterOrder order) throws InterruptedException {
    return run("restore-cluster", _ -> {}, restoring -> restoring.clusterPlan(order));
  }

  /// What is done with a run that brings the cluster into a region.
  interface Move<T> {
    T with(RegionRestore restore) throws InterruptedException;
  }

  <T> T move(String region, List<String> lost, IntConsumer journalled, Move<T> move)
      throws InterruptedException {
    InstantSource clock = InstantSource.fixed(NOW);
    Restoring.Run run = Restoring.find(config(), RegionRestore.kind(region), clock);
    try (RegionRestore restore =
        RegionRestore.open(
            config(),
            region,
            lost,
            vault(),
            auth,
            new Restoring.Surroundings(clock, "ops at desk", journalled),
            run)) {
      return move.with(restore);
    }
  }

  List<String> regionPlan(String region, String... lost) throws InterruptedException {
    return move(region, List.of(lost), _ -> {}, restore -> restore.plan(order()));
  }

  Report region(String region, String... lost) throws InterruptedException {
    return region(region, _ -> {}, lost);
  }

  /// As the command does it: plan, then run.
  Report region(String region, IntConsumer journalled, String... lost) throws InterruptedException {
    return move(
        region,
        List.of(lost),
        journalled,
        restore -> {
          var _ = restore.plan(order());
          return restore.carryOut(order(), listener());
        });
  }

  /// As `restore abandon` does it.
  Map<String, String> abandonRegion(String region) throws InterruptedException {
    InstantSource clock = InstantSource.fixed(NOW);
    Restoring.Run run = Restoring.find(config(), RegionRestore.kind(region), clock);
    try (Restoring restoring =
        Restoring.open(
            RegionRestore.held(config(), run.kind()),
            vault(),
            auth,
            new Restoring.Surroundings(clock, "ops at desk", _ -> {}),
            run)) {
      return restoring.abandon();
    }
  }

  /// Of the dump of a database.
  PostgresqlOrder postgresqlOrder() {
    Manifest dump = manifest(raft.shamir() ? "shamir" : "static", Optional.empty());
    return new PostgresqlOrder(
        source(dump), false, Optional.empty(), shares(), Optional.of(CANARY));
  }

  List<String> postgresqlPlan(PostgresqlOrder order) throws InterruptedException {
    return run("restore-postgresql", _ -> {}, restoring -> restoring.postgresqlPlan(order));
  }

  Report postgresql(PostgresqlOrder order, IntConsumer journalled) throws InterruptedException {
    return run(
        "restore-postgresql",
        journalled,
        restoring -> {
          var _ = restoring.postgresqlPlan(order);
          return restoring.postgresql(order, listener());
        });
  }

  QuorumOrder quorumOrder(String... dead) {
    return new QuorumOrder(List.of(dead), shares(), Optional.of(CANARY));
  }

  Report quorum(QuorumOrder order, IntConsumer journalled) throws InterruptedException {
    return run(
        "restore-quorum",
        journalled,
        restoring -> {
          var _ = restoring.quorumPlan(order);
          return restoring.quorum(order, listener());
        });
  }

  List<String> quorumPlan(String... dead) throws InterruptedException {
    return run("restore-quorum", _ -> {}, restoring -> restoring.quorumPlan(quorumOrder(dead)));
  }

  Report node(String id, IntConsumer journalled) throws InterruptedException {
    NodeOrder order = new NodeOrder(id, shares(), Optional.of(CANARY));
    return run(
        "restore-node-" + id,
        journalled,
        restoring -> {
          var _ = restoring.nodePlan(order);
          return restoring.node(order, listener());
        });
  }

  /// Dies at that line of the journal.
  static IntConsumer deathAt(int line) {
    return number -> {
      if (number == line) {
        throw new Death();
      }
    };
  }

  Course.Listener listener() {
    return new Course.Listener() {
      @Override
      public void skipped(Step step) {
        heard.add("skipped " + step.name());
      }

      @Override
      public void done(Step step, Duration took, Map<String, String> facts) {
        heard.add(step.name());
      }
    };
  }

  /// The steps so far, by whichever run.
  List<String> heard() {
    return List.copyOf(heard);
  }

  Path folder() {
    return folder;
  }

  List<Path> journals() {
    return Journal.runs(folder);
  }

  /// What lies beside the journals, by the ends of their names.
  List<String> kept() {
    try (var files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.endsWith(".journal"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String refusal(Executable act) {
    RestoreException refused = assertThrows(RestoreException.class, act);
    return refused.reason() + " " + refused.getMessage();
  }
}
