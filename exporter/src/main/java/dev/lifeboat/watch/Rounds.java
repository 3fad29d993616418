package dev.lifeboat.watch;

import java.lang.System.Logger.Level;
import java.time.Duration;

/// Does one thing at once and then again and again, on a thread of its own, until it is closed.
///
/// What a round throws is a bug, is logged and does not end the rounds: what can go wrong in a
/// round is the round's own to tell.
public final class Rounds implements AutoCloseable {
  private static final System.Logger logger = System.getLogger(Rounds.class.getName());

  private final String name;
  private final Duration pause;
  private final Runnable round;
  private final Thread thread;

  private Rounds(String name, Duration pause, Runnable round) {
    this.name = name;
    this.pause = pause;
    this.round = round;
    this.thread = Thread.ofVirtual().name(name).unstarted(this::loop);
  }

  /// @param name of the thread, and in the log
  /// @param pause between the end of a round and the beginning of the next
  public static Rounds open(String name, Duration pause, Runnable round) {
    Rounds rounds = new Rounds(name, pause, round);
    rounds.thread.start();
    return rounds;
  }

  private void loop() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        once();
        Thread.sleep(pause);
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  private void once() {
    try {
      round.run();
    } catch (RuntimeException bug) {
      if (!Thread.currentThread().isInterrupted()) {
        logger.log(Level.ERROR, "event=round_failed round=" + name, bug);
      }
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
