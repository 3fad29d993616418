package dev.lifeboat.watch;

import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.Health;
import dev.lifeboat.vault.Leader;
import dev.lifeboat.vault.Product;
import dev.lifeboat.vault.SealStatus;
import dev.lifeboat.vault.TokenKeeper;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultException.Reason;
import dev.lifeboat.vault.VaultNode;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The poll loop over one node, on a thread of its own from `open` to `close`.
public final class Watch implements AutoCloseable {
  /*
   * Freshness. A figure that is not known is absent; an old one that looks like a new one is worse
   * than none. So:
   *
   * 1. Each of the three calls without a token stands alone: its reading is replaced at every poll,
   *    by a value or by the failure. What failed never takes the other two with it, and never
   *    leaves its own last value behind.
   * 2. The three run side by side, each bounded by the request timeout, so an unreachable node
   *    delays a poll by one timeout and not by three.
   * 3. The cluster's readings need a token, cost two audit lines a call, and only the active node's
   *    are right. They are asked for when health says active and the cluster interval has passed,
   *    and carried along in between, never longer than three cluster intervals. They are dropped
   *    with the first poll that does not say active: a node that stepped down, was sealed or cannot
   *    be reached knows nothing of its cluster any more, and an ex-leader's figures are the classic
   *    stale series. An answer that comes after that is thrown away: `spell` counts the polls that
   *    were not active, and an answer is kept only in the spell in which it was asked for. A node
   *    without raft is asked nothing of raft: a refusal that comes every time is no trouble.
   * 4. A standby is asked nothing with a token. It does log in, and renews: a new leader must be
   *    able to work at once, and at that moment a login may be what does not work.
   * 5. What needs a token runs beside the polls, one piece at a time. A poll waits a moment for it,
   *    so that a state is usually whole, but a login that hangs never keeps a seal from being seen.
   * 6. `latest` answers with an empty state when the last poll is older than three intervals and a
   *    request timeout: then the loop itself hangs, or the machine slept.
   *
   * Age is measured with the monotonic clock; the wall time in a state is for people.
   */
  private static final System.Logger logger = System.getLogger(Watch.class.getName());
  private static final int INTERVALS_KEPT = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /// @param nanos when the poll ended, by the monotonic clock
  private record Polled(NodeState state, long nanos) {}

  /// @param nanos when the cluster was asked
  private record Cluster(ClusterReadings readings, long nanos) {}

  private final VaultNode node;
  private final Duration requestTimeout;
  private final TokenKeeper keeper;
  private final WatchConfig config;
  private final InstantSource clock;
  private final LongSupplier nanos;
  private final Consumer<NodeState> listener;
  private final Executor threads;
  private final CountDownLatch firstPoll = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile Polled latest;
  private @Nullable Cluster cluster;
  private long spell;
  private CompletableFuture<?> work = CompletableFuture.completedFuture("nothing yet");
  private Role lastRole = Role.UNREACHABLE;
  private @Nullable Thread thread;

  private Watch(
      VaultClient client,
      TokenKeeper keeper,
      WatchConfig config,
      InstantSource clock,
      LongSupplier nanos,
      Consumer<NodeState> listener) {
    this.node = client.own();
    this.requestTimeout = client.config().requestTimeout();
    this.keeper = keeper;
    this.config = config;
    this.clock = clock;
    this.nanos = nanos;
    this.listener = listener;
    this.threads = task -> Thread.ofVirtual().name("watch-call").start(task);
    this.latest = new Polled(NodeState.initial(node.address(), clock.instant()), nanos.getAsLong());
  }

  public static Watch open(
      VaultClient client, TokenKeeper keeper, WatchConfig config, InstantSource clock) {
    return open(client, keeper, config, clock, state -> {});
  }

  /// @param listener told of every new state, on the poll thread; what it throws is logged
  public static Watch open(
      VaultClient client,
      TokenKeeper keeper,
      WatchConfig config,
      InstantSource clock,
      Consumer<NodeState> listener) {
    var watch = new Watch(client, keeper, config, clock, System::nanoTime, listener);
    watch.thread = Thread.ofVirtual().name("watch").start(watch::loop);
    return watch;
  }

  /// Without a thread of its own: whoever calls [#poll] is the time.
  static Watch byHand(
      VaultClient client,
      TokenKeeper keeper,
      WatchConfig config,
      InstantSource clock,
      LongSupplier nanos) {
    return new Watch(client, keeper, config, clock, nanos, state -> {});
  }

  /// The latest state. Older than three intervals (a poll loop that hangs) it is replaced by one in
  /// which nothing is known.
  public NodeState latest() {
    Polled now = latest;
    Duration limit = config.interval().multipliedBy(INTERVALS_KEPT).plus(requestTimeout);
    if (now.state().polls() == 0 || nanos.getAsLong() - now.nanos() <= limit.toNanos()) {
      return now.state();
    }
    return NodeState.initial(node.address(), now.state().at()).afterPolls(now.state().polls());
  }

  /// Blocks until the first poll is done.
  public void awaitFirstPoll() throws InterruptedException {
    firstPoll.await();
  }

  private void loop() {
    try {
      do {
        pollAndTell();
      } while (!closed.await(jittered(config.interval()).toNanos(), TimeUnit.NANOSECONDS));
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  private static Duration jittered(Duration interval) {
    double factor = ThreadLocalRandom.current().nextDouble(0.9, 1.1);
    return Duration.ofNanos((long) (interval.toNanos() * factor));
  }

  /// A poll loop that died of a bug would show as a node that is down: it is logged and goes on.
  private void pollAndTell() {
    try {
      listener.accept(poll());
    } catch (RuntimeException bug) {
      logger.log(Level.ERROR, "event=poll_failed", bug);
    }
  }

  /// One poll, from the questions to the new [#latest].
  NodeState poll() {
    CompletableFuture<Reading<Health>> healthCall = ask(node::health);
    CompletableFuture<Reading<SealStatus>> sealCall = ask(node::sealStatus);
    CompletableFuture<Reading<Leader>> leaderCall = ask(node::leader);
    Reading<Health> health = healthCall.join();
    Reading<SealStatus> sealStatus = sealCall.join();
    Reading<Leader> leader = leaderCall.join();
    var base =
        new NodeState(
            clock.instant(),
            node.address(),
            latest.state().polls() + 1,
            Product.of(health.known(), sealStatus.known()),
            health,
            sealStatus,
            leader,
            new Reading.NotAsked<>(),
            new Reading.NotAsked<>(),
            new Reading.NotAsked<>());
    Role role = base.role();
    if (role != lastRole) {
      logger.log(Level.INFO, "event=role_changed from={0} to={1}", lastRole.label(), role.label());
      lastRole = role;
    }
    publish(base, role);
    awaitBriefly(workFor(role));
    firstPoll.countDown();
    return latest.state();
  }

  private synchronized void publish(NodeState base, Role role) {
    long now = nanos.getAsLong();
    Cluster carried = cluster;
    long limit = config.clusterInterval().multipliedBy(INTERVALS_KEPT).toNanos();
    if (role != Role.ACTIVE) {
      spell++;
      cluster = null;
    } else if (carried != null && now - carried.nanos() > limit) {
      cluster = null;
    }
    ClusterReadings readings = cluster == null ? ClusterReadings.NOT_ASKED : cluster.readings();
    latest = new Polled(base.with(readings, clock.instant()), now);
  }

  /// Starts what needs a token in this role, if it is due and nothing else is under way.
  private CompletableFuture<?> workFor(Role role) {
    if (keeper.configured() && work.isDone()) {
      if (role == Role.ACTIVE && clusterIsDue()) {
        long asked = spell;
        boolean raft = latest.state().onRaft();
        work = CompletableFuture.runAsync(() -> install(askCluster(raft), asked), threads);
      } else if (role == Role.STANDBY || role == Role.PERF_STANDBY) {
        work = CompletableFuture.runAsync(this::keepReady, threads);
      }
    }
    return work;
  }

  private synchronized boolean clusterIsDue() {
    // A tenth less, so that the jitter of the polls does not stretch it to one poll more.
    return cluster == null
        || nanos.getAsLong() - cluster.nanos() >= config.clusterInterval().toNanos() / 10 * 9;
  }

  private synchronized void install(ClusterReadings readings, long asked) {
    if (asked == spell) {
      cluster = new Cluster(readings, nanos.getAsLong());
      Polled now = latest;
      latest = new Polled(now.state().with(readings, clock.instant()), now.nanos());
    }
  }

  private void awaitBriefly(CompletableFuture<?> running) {
    Duration patience = config.interval().compareTo(PATIENCE) < 0 ? config.interval() : PATIENCE;
    try {
      running.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException later) {
      // It goes on, and its result is put into the latest state when it comes.
    } catch (ExecutionException bug) {
      logger.log(Level.ERROR, "event=poll_failed", bug.getCause());
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  /// A standby logs in too. Its failure shows in the keeper's expiry and in the log.
  private void keepReady() {
    try {
      keeper.token();
    } catch (VaultException failed) {
      logger.log(Level.DEBUG, "event=not_ready reason={0}", failed.reason().label());
    }
  }

  private ClusterReadings askCluster(boolean onRaft) {
    Secret token;
    try {
      token = keeper.token();
    } catch (VaultException failed) {
      return ClusterReadings.failed(failed, clock.instant());
    }
    var raft = askIf(onRaft, () -> node.raftConfiguration(token));
    var autopilot = askIf(onRaft, () -> node.autopilot(token));
    var haStatus = ask(() -> node.haStatus(token));
    var readings = new ClusterReadings(raft.join(), autopilot.join(), haStatus.join());
    if (readings.denied()) {
      keeper.refused(token);
    }
    return readings;
  }

  private <T> CompletableFuture<Reading<T>> askIf(boolean there, Supplier<T> call) {
    return there ? ask(call) : CompletableFuture.completedFuture(new Reading.NotAsked<>());
  }

  private <T> CompletableFuture<Reading<T>> ask(Supplier<T> call) {
    return CompletableFuture.supplyAsync(() -> reading(call), threads);
  }

  private <T> Reading<T> reading(Supplier<T> call) {
    long start = System.nanoTime();
    try {
      T value = call.get();
      return new Reading.Known<>(value, clock.instant(), since(start));
    } catch (VaultException failed) {
      return new Reading.Failed<>(
          failed.reason(), failed.getMessage(), clock.instant(), since(start));
    } catch (RuntimeException bug) {
      // Calls still under way when all is closed lose their client; that is nobody's fault.
      if (closed.getCount() > 0) {
        logger.log(Level.ERROR, "event=call_failed", bug);
      }
      return new Reading.Failed<>(
          Reason.REFUSED, "a fault of ours: " + bug, clock.instant(), since(start));
    }
  }

  private static Duration since(long startNanos) {
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  @Override
  public void close() {
    closed.countDown();
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
  }
}
