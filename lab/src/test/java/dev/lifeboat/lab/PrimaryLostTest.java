package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.lab.VaultApi.Answer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The primary of the database is lost with two standbys, one of which looks behind and is not.
class PrimaryLostTest {
  private static final String SECRET = "secret/data/written";
  private static final Duration BOUND = Duration.ofMinutes(1);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  @TempDir Path folder;

  /// @param version that the write was acknowledged as
  private record Written(long at, int version) {}

  /// Writes to both nodes in turn, and asks each how it is, until it is closed.
  private static final class Watch implements AutoCloseable {
    private final Cluster cluster;
    private final AtomicBoolean over = new AtomicBoolean();
    private final ConcurrentLinkedQueue<Written> written = new ConcurrentLinkedQueue<>();
    private final Map<String, List<String>> health = new TreeMap<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile long lostAt;

    Watch(Cluster cluster) {
      this.cluster = cluster;
      threads.add(Thread.ofVirtual().start(this::write));
      for (var node : cluster.nodes()) {
        List<String> said = new CopyOnWriteArrayList<>();
        health.put(node.name(), said);
        threads.add(Thread.ofVirtual().start(() -> ask(node, said)));
      }
    }

    private void write() {
      for (int turn = 0; !over.get(); turn++) {
        var node = cluster.nodes().get(turn % cluster.nodes().size());
        Answer answer =
            node.api()
                .withToken(cluster.rootToken())
                .withTimeout(PATIENCE)
                .post(SECRET, Map.of("data", Map.of("turn", turn)));
        if (answer.good()) {
          written.add(new Written(System.nanoTime(), answer.body().at("/data/version").asInt()));
        }
        pause(20);
      }
    }

    private void ask(ClusterNode node, List<String> said) {
      int last = -1;
      while (!over.get()) {
        int code = node.health();
        if (code != last) {
          said.add(lostAt == 0 ? "" + code : "%d after %.1f s".formatted(code, since(lostAt)));
        }
        last = code;
        pause(100);
      }
    }

    void lose(Postgresql primary) {
      lostAt = System.nanoTime();
      primary.kill();
    }

    double untilLost() {
      return since(lostAt);
    }

    /// The newest that was acknowledged.
    Written last() {
      return written.stream().reduce((_, second) -> second).orElse(new Written(0, 0));
    }

    Written firstAfter(long moment) {
      return Await.until(
          "a write", BOUND, () -> written.stream().filter(each -> each.at() > moment).findFirst());
    }

    String health() {
      return health.toString();
    }

    @Override
    public void close() {
      over.set(true);
      for (var thread : threads) {
        try {
          thread.join(BOUND);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  private static double since(long moment) {
    return (System.nanoTime() - moment) / 1e9;
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// The query of the documentation, on one of them: how much it has, and has replayed.
  private static long[] has(Postgresql standby) {
    Matcher query =
        Pattern.compile("```sql\n(SELECT [^`]*pg_last_wal_receive_lsn[^`]*);\n```")
            .matcher(Site.text(Checkout.root().resolve("docs/postgresql.md")));
    assertTrue(query.find(), "docs/postgresql.md has the query");
    String[] columns = standby.sql("postgres", query.group(1)).split("\\|", -1);
    assertEquals("t", columns[0], "a standby");
    return new long[] {Long.parseLong(columns[1]), Long.parseLong(columns[2])};
  }

  @Test
  void the_standby_that_has_received_most_is_promoted_and_nothing_acknowledged_is_lost() {
    var certificates = Certificates.in(folder.resolve("tls"));
    var issued = certificates.server("database", "IP:127.0.0.1");
    try (var first = Postgresql.start(issued.certificateFile(), issued.privateKeyFile());
        var second = first.standby("second");
        var third = first.standby("third");
        var cluster =
            Cluster.create(
                ClusterPlan.of(Servers.openbao(), 2).on(url(first, second, third)),
                folder.resolve("cluster"))) {
      Provisioning.install(cluster.root());
      int acknowledged;
      try (var watch = new Watch(cluster)) {
        // It receives everything and replays nothing; the other one replays all that it receives.
        second.sql("postgres", "SELECT pg_wal_replay_pause()");
        watch.firstAfter(System.nanoTime());
        pause(2000);
        third.stopReceiving();
        pause(4000);

        watch.lose(first);
        watch.firstAfter(0);
        pause(5000);
        acknowledged = watch.last().version();
        long[] ofSecond = has(second);
        long[] ofThird = has(third);
        assertTrue(ofSecond[0] > ofThird[0], "received: the second has more");
        assertTrue(ofSecond[1] < ofThird[1], "replayed: the third looks better");
        double looked = watch.untilLost();
        long asked = System.nanoTime();
        second.promote();
        double promoted = since(asked);
        var next = watch.firstAfter(asked);

        int lost = acknowledged + 1 - next.version();
        System.out.printf(
            "acknowledged %d, received more %d bytes, promoted %.1f s after the loss in %.1f s,"
                + " first write %.1f s after the loss, %.1f s after the promotion was asked for;"
                + " lost %d%n",
            acknowledged,
            ofSecond[0] - ofThird[0],
            looked,
            promoted,
            (next.at() - watch.lostAt) / 1e9,
            (next.at() - asked) / 1e9,
            lost);
        assertTrue(lost <= 1, "lost " + lost);
        cluster.awaitWhole();
        System.out.println("sys/health " + watch.health());
      }
      int wrong = acknowledged - versionOn(third, cluster);
      System.out.println("lost by the wrong choice: " + wrong);
      assertTrue(wrong > 10, "lost by the wrong choice: " + wrong);
      joins(third, second);
      long begun = System.nanoTime();
      first.follow(second);
      System.out.printf("the old primary is a standby by a copy after %.1f s%n", since(begun));
    }
  }

  private static String url(Postgresql... servers) {
    var hosts = new ArrayList<String>();
    for (var server : servers) {
      hosts.add("127.0.0.1:" + server.port());
    }
    return "postgres://openbao:openbao@%s/%s?sslmode=require&target_session_attrs=read-write"
        .formatted(String.join(",", hosts), Postgresql.DATABASE);
  }

  /// What nodes would have found there.
  private int versionOn(Postgresql standby, Cluster cluster) {
    var own = folder.resolve("wrong");
    Folders.copy(cluster.folder(), own);
    try (var copy = standby.copy()) {
      copy.promote();
      var plan = cluster.plan().sized(1).on(copy.connectionUrl(Postgresql.DATABASE));
      try (var other = Cluster.resume(plan, own)) {
        return other.root().get(SECRET).require().body().at("/data/metadata/version").asInt();
      }
    }
  }

  /// The one that was behind has nothing that the promoted one lacks, and needs no copy.
  private static void joins(Postgresql standby, Postgresql promoted) {
    long begun = System.nanoTime();
    standby.repoint(promoted, "third");
    Await.until(
        "the other standby to follow",
        BOUND,
        () ->
            promoted
                .sql(
                    "postgres",
                    "SELECT count(*) FROM pg_stat_replication WHERE application_name = 'third'"
                        + " AND replay_lsn = pg_current_wal_lsn()")
                .equals("1"));
    System.out.printf("the other standby follows after %.1f s%n", since(begun));
  }
}
