package dev.lifeboat.lab.alerts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.lab.AgentFleet;
import dev.lifeboat.lab.AgentFleet.Routine;
import dev.lifeboat.lab.Await;
import dev.lifeboat.lab.Cluster;
import dev.lifeboat.lab.ClusterNode;
import dev.lifeboat.lab.ClusterPlan;
import dev.lifeboat.lab.LabAgent;
import dev.lifeboat.lab.PreparedCluster;
import dev.lifeboat.lab.Servers;
import dev.lifeboat.lab.alerts.Message.Service;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Alerts on their whole way, from a real cluster to who is told: by the shipped rules and the
/// shipped example for Alertmanager. On OpenBao alone: the way begins at the agents' metrics.
class DeliveryTest {
  private static final Duration BOUND = Duration.ofSeconds(30);

  /// A title, and the nodes alone.
  private static final String OVER = "RESOLVED .*\n(over: node-\\d+\\s*)+";

  private static final Duration GOAL = Duration.ofSeconds(95);
  private static final Set<Service> PAGED = Set.of(Service.MAIL, Service.CHAT, Service.PAGER);

  /// An hour is 40 s.
  private static final ScaledRules QUICK = new ScaledRules(90);

  @TempDir Path folder;

  @Test
  @Timeout(value = 6, unit = TimeUnit.MINUTES)
  void each_severity_arrives_where_it_should_and_nowhere_else() throws Exception {
    AgentFleet.makeKeys(folder, 3);
    try (var cluster = cluster();
        var fleet = fleet(cluster);
        var monitoring =
            Monitoring.start(folder.resolve("m"), fleet, QUICK, quickly(), Monitoring.QUICK)) {
      var receivers = monitoring.receivers();
      receivers.await("the dead man's switch", BOUND, about("Watchdog"));

      aDeadAgentSilencesTheWarningsOfItsNode(cluster, fleet, monitoring);
      twoSealedNodesAreOneMessage(cluster, receivers);
      receivers.await("what is worth knowing", BOUND, about("VaultKitIncomplete"));

      Await.until("the last messages to arrive", BOUND, () -> misrouted(monitoring).isEmpty());
      var alerts = names(receivers.messages());
      System.out.println("delivered: " + alerts);
      assertTrue(
          alerts.containsAll(
              List.of("VaultSealed", "VaultBackupSingleRecipient", "VaultKitIncomplete")),
          alerts::toString);
      assertSwitchHearsAgainAndAgain(receivers);
      assertEquals(List.of(), receivers.refused());
      assertEquals(List.of(), monitoring.prometheus().ruleFailures());
      assertSecretsStayInTheirFiles(monitoring);
    }
  }

  @Test
  @Timeout(value = 6, unit = TimeUnit.MINUTES)
  void a_sealed_node_is_told_within_95_seconds_by_what_is_shipped() throws Exception {
    AgentFleet.makeKeys(folder, 3);
    var shipped = ScaledRules.unscaled();
    try (var cluster = cluster();
        var fleet = AgentFleet.equip(cluster, folder, Routine.ORDINARY)) {
      fleet.start();
      try (var monitoring =
          Monitoring.start(
              folder.resolve("m"), fleet, shipped, shipped.routing(), Monitoring.SHIPPED)) {
        var prometheus = monitoring.prometheus();
        Await.until(
            "three nodes to be seen unsealed",
            BOUND,
            () -> prometheus.query("vault_node_sealed == 0").size() == 3);
        // At a random moment between two scrapes.
        Thread.sleep(ThreadLocalRandom.current().nextLong(Monitoring.SHIPPED.scrape().toMillis()));

        Instant sealed = InstantSource.system().instant();
        cluster.seal(cluster.awaitLeader(BOUND));

        var told = new EnumMap<Service, Double>(Service.class);
        for (Service service : PAGED) {
          var message =
              monitoring
                  .receivers()
                  .await(service + " to be told", GOAL, to(service).and(about("VaultSealed")));
          told.put(service, Duration.between(sealed, message.at()).toMillis() / 1e3);
        }
        System.out.println("seal → delivered, s: " + told);
        System.out.println("evaluation of a group: " + prometheus.evaluationTimes());
        told.forEach(
            (service, seconds) -> assertTrue(seconds <= GOAL.toSeconds(), service + ": " + told));
        assertEquals(List.of(), monitoring.receivers().refused());
        assertEquals(List.of(), prometheus.ruleFailures());
      }
    }
  }

  private Cluster cluster() {
    var plan = ClusterPlan.of(Servers.openbao(), 3).shamir(1, 1);
    return PreparedCluster.prepare(plan).copy(folder.resolve("cluster"));
  }

  /// With a kit that lacks a file, which is worth knowing, and a program to be told that is not
  /// there, which is a warning of one node. That all backups have one recipient is another.
  private AgentFleet fleet(Cluster cluster) {
    var fleet =
        AgentFleet.equip(
            cluster,
            folder,
            Routine.LIVELY,
            """
            stores.shared { type = local, path = "%s" }
            backup.kit.files = ["%s"]
            notify.ticket { command = ["/nonexistent/hook"] }
            """
                .formatted(folder.resolve("store"), folder.resolve("gone.hcl")));
    // The first backup is there before the other agents read the store, so that all know of its
    // kit.
    LabAgent first = fleet.beside(cluster.awaitLeader(BOUND));
    start(first);
    first.run("backup").require();
    fleet.agents().stream().filter(agent -> !agent.equals(first)).forEach(DeliveryTest::start);
    return fleet;
  }

  private static void start(LabAgent agent) {
    agent.start();
    agent.awaitReady();
  }

  /// The example with times in which a test can see what is repeated. Two nodes are not seen sealed
  /// in the same second, so `group_wait` stays as it is.
  private static String quickly() {
    var routing = ScaledRules.unscaled().routing();
    for (var time :
        Map.of(
                "group_interval: 1m", "group_interval: 2s",
                "repeat_interval: 12h", "repeat_interval: 8s",
                "repeat_interval: 1h", "repeat_interval: 8s",
                "repeat_interval: 50s", "repeat_interval: 1500ms")
            .entrySet()) {
      routing = ScaledRules.replaced(routing, time.getKey(), time.getValue());
    }
    return routing;
  }

  private static void aDeadAgentSilencesTheWarningsOfItsNode(
      Cluster cluster, AgentFleet fleet, Monitoring monitoring) throws InterruptedException {
    var receivers = monitoring.receivers();
    LabAgent agent = fleet.beside(cluster.awaitLeader(BOUND));
    agent.run("backup").require();
    receivers.await("the warning", BOUND, about("VaultNotifyFailing"));
    agent.kill();
    var down =
        receivers.await(
            "the agent to be missed", BOUND, to(Service.PAGER).and(about("VaultExporterDown")));
    assertEquals(Set.of(agent.node().name()), down.nodes());
    Await.until(
        "the warning to be inhibited",
        BOUND,
        () ->
            monitoring.alertmanager().alerts().stream()
                .anyMatch(each -> each.name().equals("VaultNotifyFailing") && each.inhibited()));

    Instant silent = InstantSource.system().instant();
    // Longer than it takes until a message is repeated.
    Thread.sleep(11_000);
    assertTrue(
        monitoring.prometheus().alerts().stream()
            .anyMatch(each -> each.name().equals("VaultNotifyFailing") && each.firing()),
        "the warning ended by itself");
    assertEquals(
        List.of(),
        receivers.messages().stream()
            .filter(about("VaultNotifyFailing").and(message -> message.at().isAfter(silent)))
            .toList());
    start(agent);
    assertResolved(receivers, down);
  }

  private static void twoSealedNodesAreOneMessage(Cluster cluster, Receivers receivers)
      throws Exception {
    var both = cluster.standbys();
    assertEquals(2, both.size());
    inParallel(cluster, both, Cluster::seal);
    var names = both.stream().map(ClusterNode::name).collect(Collectors.toSet());
    for (Service service : PAGED) {
      var first =
          receivers.await(
              service + " to be told of both", BOUND, to(service).and(about("VaultSealed")));
      assertEquals(names, first.nodes(), first::toString);
      assertEquals(names, Message.nodesIn(first.text()), first::text);
    }
    inParallel(cluster, both, Cluster::unseal);
    var incident = receivers.await("the pager", BOUND, to(Service.PAGER).and(about("VaultSealed")));
    assertResolved(receivers, incident);
    assertEquals(
        Set.of(incident.key()),
        receivers.messages().stream()
            .filter(to(Service.PAGER).and(message -> message.alert().equals("VaultSealed")))
            .map(Message::key)
            .collect(Collectors.toSet()));
  }

  private interface Deed {
    void on(Cluster cluster, ClusterNode node);
  }

  private static void inParallel(Cluster cluster, List<ClusterNode> nodes, Deed deed)
      throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var tasks = new ArrayList<Callable<Boolean>>();
      for (var node : nodes) {
        tasks.add(
            () -> {
              deed.on(cluster, node);
              return true;
            });
      }
      for (var done : threads.invokeAll(tasks)) {
        assertTrue(done.get());
      }
    }
  }

  /// The pager's incident by its own key, and mail and chat by the alert's name.
  private static void assertResolved(Receivers receivers, Message incident) {
    for (Service service : PAGED) {
      var resolved =
          receivers.await(
              service + " to be told the end of " + incident.alert(),
              BOUND,
              to(service)
                  .and(message -> !message.firing() && message.alert().equals(incident.alert()))
                  .and(message -> message.at().isAfter(incident.at())));
      switch (service) {
        case PAGER -> assertEquals(incident.key(), resolved.key());
        case CHAT -> assertTrue(resolved.text().matches(OVER), resolved::text);
        case MAIL, SWITCH -> {}
      }
    }
  }

  private static void assertSwitchHearsAgainAndAgain(Receivers receivers) {
    var heard = receivers.messages().stream().filter(to(Service.SWITCH)).toList();
    var longest = Duration.ZERO;
    for (int i = 1; i < heard.size(); i++) {
      var gap = Duration.between(heard.get(i - 1).at(), heard.get(i).at());
      longest = gap.compareTo(longest) > 0 ? gap : longest;
    }
    System.out.printf(
        Locale.ROOT,
        "dead man's switch: %d times, the longest silence %.1f s%n",
        heard.size(),
        longest.toMillis() / 1e3);
    assertTrue(heard.size() >= 8, heard::toString);
    assertTrue(longest.compareTo(Duration.ofSeconds(6)) < 0, longest::toString);
  }

  private static void assertSecretsStayInTheirFiles(Monitoring monitoring) {
    var status = monitoring.alertmanager().status();
    assertTrue(status.contains("/secrets/pagerduty-key"), status);
    for (String secret : monitoring.receivers().secrets()) {
      assertFalse(status.contains(secret), status);
    }
  }

  /// By alert, who was told of it, where that is not who should be by its severity.
  private static Map<String, Set<Service>> misrouted(Monitoring monitoring) {
    var severities = severities();
    var misrouted = new TreeMap<String, Set<Service>>();
    var messages = monitoring.receivers().messages();
    for (String alert : names(messages)) {
      var told =
          messages.stream()
              .filter(about(alert))
              .map(Message::service)
              .collect(Collectors.toCollection(TreeSet::new));
      var expected =
          switch (severities.getOrDefault(alert, "")) {
            case "critical" -> PAGED;
            case "warning" -> Set.of(Service.MAIL, Service.CHAT);
            case "info" -> Set.of(Service.MAIL);
            case "none" -> Set.of(Service.SWITCH);
            default -> Set.<Service>of();
          };
      if (!told.equals(expected)) {
        misrouted.put(alert, told);
      }
    }
    return misrouted;
  }

  private static Map<String, String> severities() {
    return AlertRule.all().stream()
        .filter(AlertRule::isAlert)
        .collect(Collectors.toMap(AlertRule::name, AlertRule::severity));
  }

  private static Set<String> names(List<Message> messages) {
    return messages.stream().map(Message::alert).collect(Collectors.toCollection(TreeSet::new));
  }

  private static Predicate<Message> to(Service service) {
    return message -> message.service() == service;
  }

  private static Predicate<Message> about(String alert) {
    return message -> message.firing() && message.alert().equals(alert);
  }
}
