package dev.lifeboat.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HeartbeatTest {
  private final List<String> sent = new ArrayList<>();
  private long nanos = 5;
  private long polls;
  private String status = "active";
  private final Heartbeat heartbeat =
      new Heartbeat(
          new SdNotify(Optional.of(sent::add), Optional.of(Duration.ofSeconds(60))),
          new Heartbeat.Signs(() -> polls, () -> status, Duration.ofSeconds(100)),
          () -> nanos);

  @Test
  void is_ready_after_the_first_poll_and_only_once() {
    heartbeat.beat();
    assertEquals(List.of(), sent);

    polls = 1;
    heartbeat.beat();
    heartbeat.beat();

    assertEquals(List.of("READY=1\nSTATUS=active"), sent);
  }

  @Test
  void says_its_status_again_only_when_it_changed() {
    polls = 1;
    heartbeat.beat();
    heartbeat.beat();
    status = "standby";
    heartbeat.beat();
    heartbeat.beat();

    assertEquals(List.of("READY=1\nSTATUS=active", "STATUS=standby"), sent);
  }

  @Test
  void pings_before_half_of_the_watchdogs_time_is_over() {
    polls = 1;
    heartbeat.beat();
    sent.clear();

    for (int second = 0; second < 60; second++) {
      nanos += Duration.ofSeconds(1).toNanos();
      polls++;
      heartbeat.beat();
    }

    assertEquals(List.of("WATCHDOG=1", "WATCHDOG=1"), sent);
  }

  @Test
  void stops_pinging_when_the_poll_loop_hangs() {
    polls = 1;
    heartbeat.beat();
    sent.clear();

    for (int second = 0; second < 600; second++) {
      nanos += Duration.ofSeconds(1).toNanos();
      heartbeat.beat();
    }

    assertEquals(3, sent.size());
  }
}
