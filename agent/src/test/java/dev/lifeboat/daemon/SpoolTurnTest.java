package dev.lifeboat.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Spool;
import dev.lifeboat.store.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTurnTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  @TempDir Path folder;
  private final Inbox inbox = new Inbox();
  private final List<String> said = new CopyOnWriteArrayList<>();
  private final SdNotify notify = new SdNotify(Optional.of(said::add), Optional.empty());

  @Test
  void a_free_spool_is_had_at_once_and_marked_as_an_agents() throws Exception {
    try (Spool _ = turn().await(Duration.ZERO).orElseThrow()) {
      assertEquals(
          List.of(Long.toString(ProcessHandle.current().pid()), "agent"),
          Files.readAllLines(folder.resolve(".lock")));
    }
    assertEquals(List.of(), said);
  }

  @Test
  void a_backup_by_the_command_line_is_waited_for() throws Exception {
    Spool command = Spool.open(folder);
    CompletableFuture<Optional<Spool>> agent = inBackground(LONG);
    awaitWord();

    command.close();

    agent.get(20, TimeUnit.SECONDS).orElseThrow().close();
    assertTrue(said.getFirst().contains("EXTEND_TIMEOUT_USEC="), said.toString());
    assertTrue(said.getFirst().contains("STATUS=waiting for a backup"), said.toString());
  }

  @Test
  void it_is_not_waited_for_without_end() {
    try (Spool _ = Spool.open(folder)) {
      var refused = assertThrows(StoreException.class, () -> turn().await(Duration.ofMillis(300)));

      assertEquals(StoreException.Reason.IN_USE, refused.reason());
    }
  }

  @Test
  void another_agent_is_not_waited_for() {
    try (Spool _ = Spool.open(folder, Spool.Holder.AGENT)) {
      var refused = assertThrows(StoreException.class, () -> turn().await(LONG));

      assertEquals(StoreException.Reason.IN_USE, refused.reason());
      assertEquals(List.of(), said);
    }
  }

  @Test
  void an_agent_that_is_told_to_stop_waits_no_longer() throws Exception {
    try (Spool _ = Spool.open(folder)) {
      CompletableFuture<Optional<Spool>> agent = inBackground(LONG);
      awaitWord();

      inbox.stop();

      assertEquals(Optional.empty(), agent.get(20, TimeUnit.SECONDS));
    }
  }

  private SpoolTurn turn() {
    return new SpoolTurn(folder, inbox, notify);
  }

  private CompletableFuture<Optional<Spool>> inBackground(Duration patience) {
    var got = new CompletableFuture<Optional<Spool>>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                got.complete(turn().await(patience));
              } catch (InterruptedException | RuntimeException e) {
                got.completeExceptionally(e);
              }
            });
    return got;
  }

  private void awaitWord() throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (said.isEmpty()) {
      assertTrue(System.nanoTime() < deadline, "nothing was said within 20 s");
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }
}
