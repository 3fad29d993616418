package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.raftlog.LastEntry;
import dev.lifeboat.raftlog.Pages;
import dev.lifeboat.vault.Product;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;

/// What is read from the files of a stopped server is what it said while it ran.
class RaftLogTest {
  @TempDir Path folder;

  @ParameterizedTest
  @BothProducts
  void the_last_entry_of_a_stopped_server_is_the_one_it_had_committed(Product product)
      throws InterruptedException {
    try (var cluster = TestClusters.start(product, 1, folder)) {
      var node = cluster.nodes().getFirst();
      for (int number = 0; number < 300; number++) {
        cluster
            .root()
            .post("secret/data/many/" + number, Map.of("data", Map.of("value", "x".repeat(500))))
            .require();
      }
      long committed = index(node);
      cluster.halt(node);
      var first = lastEntry(node);

      assertTrue(first.index() >= committed, first + " and " + committed);
      assertTrue(first.index() < committed + 10, first + " and " + committed);
      assertTrue(applied(node).compareTo(first) <= 0, applied(node) + " and " + first);
      cluster.restart(node);
      Await.until("it to lead", Duration.ofSeconds(20), () -> node.health() == 200);
      cluster.halt(node);
      assertEquals(first.term() + 1, lastEntry(node).term());
    }
  }

  private static long index(ClusterNode node) {
    return node.api().get("sys/leader").require().body().path("raft_committed_index").asLong();
  }

  private static LastEntry lastEntry(ClusterNode node) throws InterruptedException {
    var raft = node.config().raftFolder();
    return LastEntry.of(Optional.of(pages(raft.resolve("raft/raft.db"))), Optional.empty())
        .orElseThrow();
  }

  private static LastEntry applied(ClusterNode node) throws InterruptedException {
    var raft = node.config().raftFolder();
    return LastEntry.of(Optional.empty(), Optional.of(pages(raft.resolve("vault.db"))))
        .orElseThrow();
  }

  private static Pages pages(Path file) {
    return (first, count) -> {
      try (var data = new RandomAccessFile(file.toFile(), "r")) {
        var bytes = new byte[count * Pages.BYTES];
        data.seek(first * Pages.BYTES);
        int read = Math.max(0, data.read(bytes));
        return Arrays.copyOf(bytes, read);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }
}
