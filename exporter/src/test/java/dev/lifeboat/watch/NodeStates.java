package dev.lifeboat.watch;

import dev.lifeboat.vault.AutopilotState;
import dev.lifeboat.vault.HaStatus;
import dev.lifeboat.vault.Health;
import dev.lifeboat.vault.Leader;
import dev.lifeboat.vault.Product;
import dev.lifeboat.vault.RaftConfiguration;
import dev.lifeboat.vault.SealStatus;
import dev.lifeboat.vault.VaultException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// One [NodeState] for every [Role], with the figures real servers answered, and changes to them.
public final class NodeStates {
  public static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
  public static final URI ADDRESS = URI.create("https://10.0.0.1:8200");
  public static final String REQUEST_ID = "0d2c1f6e-52a4-4bb0-9a1d-6f3f1d3c9a11";
  private static final Duration TOOK = Duration.ofMillis(4);
  private static final Instant ASKED = NOW.minusSeconds(1);
  private static final String ID = "6f0c0c8b-3cf6-47a5-8c4e-2b0f2a1fdd38";

  private NodeStates() {}

  public static NodeState beforeFirstPoll() {
    return NodeState.initial(ADDRESS, NOW);
  }

  public static NodeState active() {
    return state(Product.OPENBAO, health(200, false, false), seal("static", false, 0), leads())
        .withCluster(raft(3), autopilot(1, true, 4711), haStatus())
        .build();
  }

  public static NodeState standby() {
    return state(Product.OPENBAO, health(429, false, true), seal("static", false, 0), follows(4709))
        .build();
  }

  public static NodeState perfStandby() {
    Health health =
        new Health(
            473,
            true,
            false,
            true,
            true,
            Optional.of("disabled"),
            Optional.of("disabled"),
            ASKED.getEpochSecond(),
            "1.21.0+ent",
            Optional.of("vault-cluster-1"),
            Optional.of(ID),
            Optional.of(false));
    return state(Product.VAULT, health, seal("awskms", false, 0), follows(4709)).build();
  }

  public static NodeState drSecondary() {
    Health health =
        new Health(
            472,
            true,
            false,
            false,
            false,
            Optional.of("disabled"),
            Optional.of("secondary"),
            ASKED.getEpochSecond(),
            "1.21.0+ent",
            Optional.of("vault-cluster-1"),
            Optional.of(ID),
            Optional.of(false));
    return state(Product.VAULT, health, seal("awskms", false, 0), leads()).build();
  }

  /// One of three shares was given.
  public static NodeState sealed() {
    return sealed("shamir", 1);
  }

  public static NodeState sealed(String type, int progress) {
    return state(Product.OPENBAO, health(503, true, true), seal(type, true, progress), leaderless())
        .build();
  }

  public static NodeState uninitialized() {
    Health health =
        new Health(
            501,
            false,
            true,
            true,
            false,
            Optional.empty(),
            Optional.empty(),
            ASKED.getEpochSecond(),
            "2.7.2",
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    SealStatus seal =
        new SealStatus(
            "shamir",
            false,
            true,
            0,
            0,
            0,
            "2.7.2",
            false,
            false,
            "raft",
            Optional.empty(),
            Optional.empty());
    return state(Product.OPENBAO, health, seal, leaderless()).build();
  }

  public static NodeState removed() {
    Health health =
        new Health(
            530,
            true,
            true,
            true,
            false,
            Optional.empty(),
            Optional.empty(),
            ASKED.getEpochSecond(),
            "1.21.0",
            Optional.empty(),
            Optional.empty(),
            Optional.of(true));
    return state(Product.VAULT, health, seal("shamir", true, 0), leaderless()).build();
  }

  public static NodeState unreachable() {
    return unreachable(VaultException.Reason.UNREACHABLE);
  }

  public static NodeState unreachable(VaultException.Reason reason) {
    return new NodeState(
        NOW,
        ADDRESS,
        7,
        Product.UNKNOWN,
        failed(reason),
        failed(reason),
        failed(reason),
        new Reading.NotAsked<>(),
        new Reading.NotAsked<>(),
        new Reading.NotAsked<>());
  }

  public static Health health(int status, boolean sealed, boolean standby) {
    return new Health(
        status,
        true,
        sealed,
        standby,
        false,
        sealed ? Optional.empty() : Optional.of("primary"),
        sealed ? Optional.empty() : Optional.of("disabled"),
        ASKED.getEpochSecond(),
        "2.7.2",
        sealed ? Optional.empty() : Optional.of("vault-cluster-1"),
        sealed ? Optional.empty() : Optional.of(ID),
        Optional.empty());
  }

  public static SealStatus seal(String type, boolean sealed, int progress) {
    return new SealStatus(
        type,
        true,
        sealed,
        3,
        5,
        progress,
        "2.7.2",
        false,
        !type.equals("shamir"),
        "raft",
        Optional.empty(),
        Optional.empty());
  }

  public static Leader leads() {
    return new Leader(
        true,
        true,
        Optional.of(Instant.parse("2026-11-20T08:30:00Z")),
        Optional.of(ADDRESS),
        Optional.of("https://10.0.0.1:8201"),
        OptionalLong.of(4711),
        OptionalLong.of(4711));
  }

  public static Leader follows(long index) {
    return new Leader(
        true,
        false,
        Optional.empty(),
        Optional.of(URI.create("https://10.0.0.2:8200")),
        Optional.of("https://10.0.0.2:8201"),
        OptionalLong.of(index),
        OptionalLong.of(index));
  }

  public static Leader leaderless() {
    return new Leader(
        true,
        false,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        OptionalLong.empty(),
        OptionalLong.empty());
  }

  public static RaftConfiguration raft(int peers) {
    return new RaftConfiguration(
        52,
        List.of(
                new RaftConfiguration.Server("bao-1", "10.0.0.1:8201", true, true),
                new RaftConfiguration.Server("bao-2", "10.0.0.2:8201", false, true),
                new RaftConfiguration.Server("bao-3", "10.0.0.3:8201", false, true))
            .subList(0, peers));
  }

  /// @param thirdHealthy and @param thirdIndex of the peer `bao-3`
  public static AutopilotState autopilot(int tolerance, boolean thirdHealthy, long thirdIndex) {
    Instant stable = Instant.parse("2026-11-20T08:30:12Z");
    return new AutopilotState(
        thirdHealthy,
        tolerance,
        "bao-1",
        List.of("bao-1", "bao-2", "bao-3"),
        List.of(
            server("bao-1", "10.0.0.1:8201", Duration.ZERO, 4711, true, stable, "leader"),
            // Ahead of the leader's own figure, as real answers are now and then.
            server("bao-2", "10.0.0.2:8201", Duration.ofMillis(1200), 4712, true, stable, "voter"),
            server(
                "bao-3",
                "10.0.0.3:8201",
                thirdHealthy ? Duration.ofMillis(3400) : Duration.ofSeconds(42),
                thirdIndex,
                thirdHealthy,
                stable,
                "voter")));
  }

  private static AutopilotState.Server server(
      String id,
      String address,
      Duration contact,
      long index,
      boolean healthy,
      Instant stable,
      String status) {
    return new AutopilotState.Server(
        id,
        id,
        address,
        "alive",
        Optional.of(contact),
        index,
        3,
        healthy,
        Optional.of(stable),
        status,
        Optional.of("2.7.2"));
  }

  /// All on one host, as in a lab.
  public static HaStatus haStatus() {
    return new HaStatus(
        List.of(
            node("https://10.0.0.1", true, Optional.empty()),
            node("https://10.0.0.2", false, Optional.of(NOW.minusMillis(1200))),
            node("https://10.0.0.3", false, Optional.of(NOW.minusMillis(3400)))),
        Optional.of(REQUEST_ID));
  }

  private static HaStatus.Node node(String url, boolean active, Optional<Instant> echo) {
    return new HaStatus.Node(
        "host", url + ":8200", url + ":8201", active, echo, Optional.of("2.7.2"));
  }

  public static <T> Reading<T> known(T value) {
    return new Reading.Known<>(value, NOW.minusMillis(500), TOOK);
  }

  public static <T> Reading<T> failed(VaultException.Reason reason) {
    return new Reading.Failed<>(reason, "no answer from " + ADDRESS, NOW, TOOK);
  }

  public static Builder state(Product product, Health health, SealStatus seal, Leader leader) {
    return new Builder(product, known(health), known(seal), known(leader));
  }

  /// A state in the making, for tests alone.
  public static final class Builder {
    private final Product product;
    private final Reading<Health> health;
    private final Reading<SealStatus> seal;
    private final Reading<Leader> leader;
    private Reading<RaftConfiguration> raft = new Reading.NotAsked<>();
    private Reading<AutopilotState> autopilot = new Reading.NotAsked<>();
    private Reading<HaStatus> ha = new Reading.NotAsked<>();

    private Builder(
        Product product, Reading<Health> health, Reading<SealStatus> seal, Reading<Leader> leader) {
      this.product = product;
      this.health = health;
      this.seal = seal;
      this.leader = leader;
    }

    public Builder withCluster(RaftConfiguration raft, AutopilotState autopilot, HaStatus ha) {
      return withCluster(known(raft), known(autopilot), known(ha));
    }

    public Builder withCluster(
        Reading<RaftConfiguration> raft, Reading<AutopilotState> autopilot, Reading<HaStatus> ha) {
      this.raft = raft;
      this.autopilot = autopilot;
      this.ha = ha;
      return this;
    }

    public NodeState build() {
      return new NodeState(NOW, ADDRESS, 7, product, health, seal, leader, raft, autopilot, ha);
    }
  }
}
