package dev.lifeboat.daemon;

import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Tells systemd how the agent is: ready after the first poll, a status line when it changes, and a
/// ping as long as the poll loop moves. When that loop hangs, so do the pings, and systemd starts
/// us anew.
final class Heartbeat implements AutoCloseable {
  private static final System.Logger logger = System.getLogger(Heartbeat.class.getName());
  private static final Duration TICK = Duration.ofSeconds(1);

  private final SdNotify notify;
  private final Signs signs;
  private final LongSupplier nanoTime;
  private final Thread thread;
  private boolean ready;
  private String said = "";
  private long polls;
  private long lastPoll;
  private long lastPing;

  /// @param polls how many polls were finished; 0 before the first
  /// @param status one line for `systemctl status`
  /// @param patience how long the poll loop may take over one poll, at the very worst
  record Signs(LongSupplier polls, Supplier<String> status, Duration patience) {}

  Heartbeat(SdNotify notify, Signs signs, LongSupplier nanoTime) {
    this.notify = notify;
    this.signs = signs;
    this.nanoTime = nanoTime;
    this.lastPoll = nanoTime.getAsLong();
    this.lastPing = lastPoll;
    this.thread = Thread.ofVirtual().name("heartbeat").unstarted(this::run);
  }

  static Heartbeat open(SdNotify notify, Signs signs) {
    Heartbeat heartbeat = new Heartbeat(notify, signs, System::nanoTime);
    heartbeat.thread.start();
    return heartbeat;
  }

  private void run() {
    try {
      while (true) {
        beat();
        Thread.sleep(ready ? TICK : Duration.ofMillis(50));
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  void beat() {
    long now = nanoTime.getAsLong();
    if (signs.polls().getAsLong() != polls) {
      polls = signs.polls().getAsLong();
      lastPoll = now;
    }
    if (polls > 0) {
      speak();
    }
    boolean alive = now - lastPoll < signs.patience().toNanos();
    if (notify.watchdog().isPresent()
        && alive
        && now - lastPing >= notify.watchdog().get().toNanos() / 2 - TICK.toNanos()) {
      lastPing = now;
      notify.ping();
    }
  }

  private void speak() {
    String status = signs.status().get();
    if (!ready) {
      ready = true;
      notify.ready(status);
      logger.log(System.Logger.Level.INFO, "event=ready status=" + LogLines.quoted(status));
    } else if (!status.equals(said)) {
      notify.status(status);
    }
    said = status;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
