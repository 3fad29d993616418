package dev.lifeboat.notify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.notify.NotifyConfig.Command;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.JsonNodeFactory;

class NotifierTest {
  private static final Instant NOW = Instant.parse("2026-11-22T02:00:07Z");

  private final NotifyCounts counts = new NotifyCounts();

  @TempDir Path folder;

  @Test
  void each_target_hears_what_it_wants_in_the_order_of_the_events() throws Exception {
    Path all = folder.resolve("all");
    Path failures = folder.resolve("failures");
    List<NotifyConfig> targets =
        List.of(
            appending("all", all, EnumSet.allOf(EventKind.class)),
            appending("failures", failures, EnumSet.of(EventKind.BACKUP_FAILED)));

    try (Notifier notifier = open(targets, Duration.ofMinutes(1))) {
      notifier.tell(event(EventKind.BACKUP_FAILED, "one"));
      notifier.tell(event(EventKind.BACKUP_SUCCEEDED, "two"));
      notifier.tell(event(EventKind.BACKUP_RECOVERED, "three"));
    }

    assertEquals(List.of("one", "two", "three"), summaries(all));
    assertEquals(List.of("one"), summaries(failures));
    assertEquals(3, counts.of("all").events());
    assertEquals(Optional.of(NOW), counts.of("failures").lastSuccess());
  }

  @Test
  void a_target_that_hangs_holds_up_nobody_and_what_is_too_much_is_dropped() throws Exception {
    Path quick = folder.resolve("quick");
    List<NotifyConfig> targets =
        List.of(
            target("hanging", List.of("/bin/sleep", "600"), EnumSet.allOf(EventKind.class)),
            appending("quick", quick, EnumSet.of(EventKind.BACKUP_FAILED)));
    long began = System.nanoTime();

    try (Notifier notifier = open(targets, Duration.ofSeconds(20))) {
      for (int i = 0; i < 150; i++) {
        notifier.tell(event(EventKind.BACKUP_SUCCEEDED, "event " + i));
      }
      notifier.tell(event(EventKind.BACKUP_FAILED, "failure"));
      long told = System.nanoTime() - began;
      assertTrue(told < Duration.ofSeconds(10).toNanos(), () -> told + " ns");
      while (counts.of("quick").events() == 0) {
        Thread.onSpinWait();
      }
      // It is closed by an interrupt, as the agent is when it must end.
      Thread.currentThread().interrupt();
    }

    assertTrue(Thread.interrupted());
    assertEquals(List.of("failure"), summaries(quick));
    assertTrue(counts.of("hanging").dropped() >= 50, () -> "" + counts.of("hanging"));
  }

  @Test
  void after_it_was_closed_an_event_is_counted_as_dropped() {
    Notifier notifier =
        open(
            List.of(target("true", List.of("/bin/true"), EnumSet.allOf(EventKind.class))),
            Duration.ofSeconds(20));
    notifier.close();

    notifier.tell(event(EventKind.BACKUP_FAILED, "late"));

    assertEquals(1, counts.of("true").dropped());
  }

  private Notifier open(List<NotifyConfig> targets, Duration close) {
    return Notifier.open(
        targets,
        Map.of("PATH", "/usr/bin:/bin"),
        new Notifier.Pauses(Duration.ofMillis(1), close),
        counts,
        InstantSource.fixed(NOW));
  }

  private NotifyConfig appending(String name, Path file, Set<EventKind> events) throws Exception {
    Path hook = Files.writeString(folder.resolve(name + ".sh"), "#!/bin/sh\ncat >>" + file + "\n");
    Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rwx------"));
    return target(name, List.of(hook.toString()), events);
  }

  private static NotifyConfig target(String name, List<String> line, Set<EventKind> events) {
    return new NotifyConfig(name, new Command(line), events, Duration.ofMinutes(1));
  }

  private static Event event(EventKind kind, String summary) {
    return new Event(
        kind, UUID.randomUUID(), NOW, "vault-1", summary, JsonNodeFactory.instance.objectNode());
  }

  private static List<String> summaries(Path file) throws Exception {
    return Files.readAllLines(file).stream()
        .map(line -> line.replaceAll(".*\"summary\":\"([^\"]*)\".*", "$1"))
        .toList();
  }
}
