package dev.lifeboat.daemon;

import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/// What the agent was told to do and has not done yet: by signals and by the control socket.
public final class Inbox {
  /// Reloads waiting beyond this are one and the same.
  private static final int WAITING_MAX = 16;

  private final BlockingQueue<Optional<Reload>> reloads = new LinkedBlockingQueue<>(WAITING_MAX);
  private volatile boolean stopped;

  /// @param outcome completed with the problem in words, or empty when the new configuration runs
  record Reload(CompletableFuture<Optional<String>> outcome) {}

  /// Ends the agent. May be called from anywhere, any number of times.
  public void stop() {
    stopped = true;
    // Wakes a waiting agent; a full queue wakes it too.
    boolean ignored = reloads.offer(Optional.empty());
  }

  /// Reads the configuration again, when the agent comes to it.
  public void reload() {
    boolean ignored = request().isDone();
  }

  /// The same, for one who wants to know how it went.
  CompletableFuture<Optional<String>> request() {
    Reload reload = new Reload(new CompletableFuture<>());
    if (!reloads.offer(Optional.of(reload))) {
      reload.outcome().complete(Optional.of("too many reloads are waiting"));
    }
    return reload.outcome();
  }

  boolean stopped() {
    return stopped;
  }

  /// Blocks until there is something to do; empty means stop.
  Optional<Reload> next() throws InterruptedException {
    while (!stopped) {
      Optional<Reload> reload = reloads.take();
      if (reload.isPresent() && !stopped) {
        return reload;
      }
    }
    return Optional.empty();
  }
}
