package dev.lifeboat.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.config.Secret;
import dev.lifeboat.config.SecretSource;
import dev.lifeboat.vault.FakeVault;
import dev.lifeboat.vault.FakeVault.Reply;
import dev.lifeboat.vault.Product;
import dev.lifeboat.vault.RequestObserver;
import dev.lifeboat.vault.TokenKeeper;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.vault.VaultConfig;
import dev.lifeboat.vault.VaultConfig.Auth;
import dev.lifeboat.vault.VaultException.Reason;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WatchTest {
  private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");
  private static final Auth APPROLE =
      new Auth.AppRole("approle", secret("role"), secret("secret-id"));
  private static final String RAFT = "sys/storage/raft/configuration";
  private static final String AUTOPILOT = "sys/storage/raft/autopilot/state";
  private static final URI ELSEWHERE = URI.create("https://127.0.0.1:8200");

  private final FakeVault fake =
      FakeVault.open()
          .active()
          .on("auth/approle/login", Reply.grant("s.1", 3600, true))
          .on("auth/token/revoke-self", Reply.json(200, ""));
  private final VaultClient client = client();
  private Duration passed = Duration.ZERO;
  private TokenKeeper keeper = TokenKeeper.open(client, APPROLE, this::now);
  private Watch watch = watch();

  @AfterEach
  void close() {
    watch.close();
    keeper.close();
    client.close();
    fake.close();
  }

  @Test
  void before_the_first_poll_nothing_is_known() {
    assertEquals(NodeState.initial(fake.address(), START), watch.latest());
    assertEquals(Role.UNREACHABLE, watch.latest().role());
  }

  @Test
  void an_active_node_is_known_whole() {
    NodeState state = watch.poll();

    assertSame(state, watch.latest());
    assertEquals(1, state.polls());
    assertEquals(START, state.at());
    assertEquals(Role.ACTIVE, state.role());
    assertEquals(Product.OPENBAO, state.product());
    assertTrue(state.sealStatus().known().isPresent());
    assertTrue(state.leader().known().orElseThrow().self());
    assertTrue(state.raftConfiguration().known().isPresent());
    assertTrue(state.autopilot().known().orElseThrow().healthy());
    assertTrue(state.haStatus().known().isPresent());
    assertEquals(Optional.of(START), state.haStatus().asked());
  }

  @Test
  void a_node_without_raft_is_not_asked_of_raft() {
    fake.on("sys/leader", Reply.json(200, "{\"ha_enabled\":true,\"is_self\":true}"));

    NodeState state = watch.poll();

    assertEquals(Role.ACTIVE, state.role());
    assertEquals(new Reading.NotAsked<>(), state.raftConfiguration());
    assertEquals(new Reading.NotAsked<>(), state.autopilot());
    assertTrue(state.haStatus().known().isPresent());
    assertEquals(List.of(), fake.requests(RAFT));
  }

  @Test
  void without_a_login_the_cluster_is_not_asked() {
    withoutLogin();

    NodeState state = watch.poll();

    assertEquals(Role.ACTIVE, state.role());
    assertEquals(new Reading.NotAsked<>(), state.raftConfiguration());
    assertEquals(3, fake.requests().size());
  }

  @Test
  void a_standby_is_asked_nothing_with_a_token_but_logs_in() {
    fake.standby(ELSEWHERE);

    NodeState state = watch.poll();
    watch.poll();

    assertEquals(Role.STANDBY, state.role());
    assertEquals(new Reading.NotAsked<>(), state.haStatus());
    assertEquals(1, fake.requests("auth/approle/login").size());
    assertTrue(fake.requests().stream().allMatch(request -> request.token().isEmpty()));
    assertTrue(keeper.expiry().isPresent());
  }

  @Test
  void the_cluster_is_asked_once_an_interval_and_carried_along_in_between() {
    NodeState first = watch.poll();
    for (int i = 0; i < 5; i++) {
      pass(5);
      assertSame(first.autopilot(), watch.poll().autopilot());
    }
    assertEquals(1, fake.requests(AUTOPILOT).size());

    pass(5);
    assertEquals(Optional.of(START.plusSeconds(30)), watch.poll().autopilot().asked());
    assertEquals(2, fake.requests(AUTOPILOT).size());
  }

  @Test
  void the_clusters_figures_go_with_the_leadership_and_come_with_it() {
    watch.poll();
    fake.standby(ELSEWHERE);
    pass(5);

    NodeState standby = watch.poll();
    assertEquals(new Reading.NotAsked<>(), standby.raftConfiguration());
    assertEquals(new Reading.NotAsked<>(), standby.autopilot());
    assertEquals(new Reading.NotAsked<>(), standby.haStatus());

    fake.active();
    pass(5);
    assertEquals(Optional.of(START.plusSeconds(10)), watch.poll().autopilot().asked());
  }

  @Test
  void a_sealed_an_uninitialized_and_a_dead_node_are_told_apart() {
    watch.poll();

    fake.sealed();
    NodeState sealed = watch.poll();
    assertEquals(Role.SEALED, sealed.role());
    assertEquals(Optional.of(Reason.SEALED), sealed.leader().failure());
    assertTrue(sealed.sealStatus().known().orElseThrow().sealed());
    assertEquals(new Reading.NotAsked<>(), sealed.raftConfiguration());

    fake.uninitialized();
    assertEquals(Role.UNINITIALIZED, watch.poll().role());

    fake.on("sys/health", Reply.json(530, "{\"initialized\":true,\"sealed\":true}"));
    assertEquals(Role.REMOVED, watch.poll().role());

    fake.close();
    NodeState dead = watch.poll();
    assertEquals(Role.UNREACHABLE, dead.role());
    assertEquals(Optional.of(Reason.UNREACHABLE), dead.health().failure());
    assertEquals(Product.UNKNOWN, dead.product());
  }

  @Test
  void a_part_that_fails_blanks_itself_alone() {
    watch.poll();
    pass(30);
    fake.on("sys/seal-status", Reply.html(200)).on("sys/leader", Reply.truncated(200, "{"));
    fake.on(RAFT, Reply.json(500, "{\"errors\":[]}"));

    NodeState state = watch.poll();

    assertEquals(Role.ACTIVE, state.role());
    assertEquals(Optional.of(Reason.NOT_JSON), state.sealStatus().failure());
    assertEquals(Optional.of(Reason.TRUNCATED), state.leader().failure());
    assertEquals(Optional.of(Reason.SERVER_ERROR), state.raftConfiguration().failure());
    assertTrue(state.autopilot().known().isPresent());
    assertTrue(state.haStatus().known().isPresent());
  }

  @Test
  void a_login_that_fails_fails_the_clusters_parts_with_its_reason() {
    fake.on("auth/approle/login", Reply.json(400, "{\"errors\":[\"invalid role\"]}"));

    NodeState state = watch.poll();

    assertTrue(state.health().known().isPresent());
    assertEquals(Optional.of(Reason.REFUSED), state.autopilot().failure());
    assertEquals(Optional.of(Reason.REFUSED), state.raftConfiguration().failure());
  }

  @Test
  void a_token_refused_everywhere_is_looked_up_before_it_is_used_again() {
    var logins = new AtomicInteger();
    fake.script(
        "auth/approle/login", request -> Reply.grant("s." + logins.incrementAndGet(), 3600, true));
    keeper.close();
    keeper = TokenKeeper.open(client, APPROLE, InstantSource.system());
    watch = watch();
    watch.poll();
    fake.on(RAFT, Reply.denied()).on(AUTOPILOT, Reply.denied());
    fake.on("sys/ha-status", Reply.denied()).on("auth/token/lookup-self", Reply.denied());

    pass(30);
    assertEquals(Optional.of(Reason.DENIED), watch.poll().autopilot().failure());
    pass(30);
    watch.poll();

    assertEquals(1, fake.requests("auth/token/lookup-self").size());
  }

  @Test
  void a_policy_that_lacks_one_path_costs_no_login() {
    fake.on(AUTOPILOT, Reply.denied());

    watch.poll();
    pass(30);
    NodeState state = watch.poll();

    assertEquals(Optional.of(Reason.DENIED), state.autopilot().failure());
    assertTrue(state.raftConfiguration().known().isPresent());
    assertEquals(0, fake.requests("auth/token/lookup-self").size());
    assertEquals(1, fake.requests("auth/approle/login").size());
  }

  @Test
  void an_old_state_is_dropped_when_the_loop_hangs() {
    watch.poll();
    pass(16);
    assertEquals(Role.ACTIVE, watch.latest().role());

    pass(2);
    NodeState dropped = watch.latest();
    assertEquals(Role.UNREACHABLE, dropped.role());
    assertEquals(new Reading.NotAsked<>(), dropped.health());
    assertEquals(new Reading.NotAsked<>(), dropped.autopilot());
    assertEquals(1, dropped.polls());
  }

  @Test
  void a_node_that_hangs_delays_a_poll_by_one_timeout() {
    for (String path : List.of("sys/health", "sys/seal-status", "sys/leader")) {
      fake.on(path, Reply.hang());
    }
    long start = System.nanoTime();

    NodeState state = watch.poll();

    assertEquals(Optional.of(Reason.TIMEOUT), state.health().failure());
    assertEquals(Optional.of(Reason.TIMEOUT), state.leader().failure());
    assertTrue(System.nanoTime() - start < Duration.ofMillis(3500).toNanos());
  }

  @Test
  void a_cluster_answer_that_comes_after_the_step_down_is_thrown_away() throws Exception {
    var stepDown = new CountDownLatch(1);
    var answered = new CountDownLatch(1);
    fake.on(
        AUTOPILOT,
        wire -> {
          stepDown.await();
          Reply.json(200, "{\"data\":{\"servers\":{}}}").write(wire);
          answered.countDown();
        });

    try (VaultClient patient = client(Duration.ofSeconds(30));
        Watch late = watch(patient)) {
      NodeState early = late.poll();
      assertEquals(Role.ACTIVE, early.role());
      assertInstanceOf(Reading.NotAsked.class, early.autopilot());
      fake.standby(ELSEWHERE);
      late.poll();
      stepDown.countDown();

      assertTrue(answered.await(10, TimeUnit.SECONDS));
      late.poll();
      assertInstanceOf(Reading.NotAsked.class, late.poll().autopilot());
    }
  }

  @Test
  void the_loop_polls_tells_and_ends() throws InterruptedException {
    var told = new CountDownLatch(3);
    var fast = new WatchConfig(Duration.ofMillis(20), Duration.ofMinutes(1));
    try (Watch running =
        Watch.open(
            client,
            keeper,
            fast,
            InstantSource.system(),
            state -> {
              told.countDown();
              throw new IllegalStateException("a listener's bug");
            })) {
      running.awaitFirstPoll();
      assertEquals(Role.ACTIVE, running.latest().role());
      assertTrue(told.await(10, TimeUnit.SECONDS));
    }
  }

  private void withoutLogin() {
    keeper = TokenKeeper.open(client, new Auth.None(), this::now);
    watch = watch();
  }

  private Watch watch() {
    return watch(client);
  }

  private Watch watch(VaultClient through) {
    return Watch.byHand(
        through,
        keeper,
        new WatchConfig(Duration.ofSeconds(5), Duration.ofSeconds(30)),
        this::now,
        () -> Long.MAX_VALUE - 5 + passed.toNanos());
  }

  private VaultClient client() {
    return client(Duration.ofSeconds(2));
  }

  private VaultClient client(Duration requestTimeout) {
    return VaultClient.open(
        new VaultConfig(
            fake.address(),
            List.of(),
            0,
            Optional.empty(),
            VaultConfig.Tls.DEFAULT,
            APPROLE,
            Duration.ofSeconds(1),
            requestTimeout),
        RequestObserver.NONE);
  }

  private Instant now() {
    return START.plus(passed);
  }

  private void pass(int seconds) {
    passed = passed.plusSeconds(seconds);
  }

  private static SecretSource secret(String value) {
    return new SecretSource.FromEnvironment("X", new Secret(value));
  }
}
