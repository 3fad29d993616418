package dev.lifeboat.lab;

import dev.lifeboat.lab.VaultApi.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// One client that asks again as soon as it has its answer, on the connection that it has, as
/// ordinary clients do.
final class Visitor implements AutoCloseable {
  private static final long PAUSE_MILLIS = 20;

  private final Supplier<Answer> request;
  private final List<Visit> visits = new ArrayList<>();
  private final Thread thread;

  private Visitor(Supplier<Answer> request) {
    this.request = request;
    this.thread = Thread.ofVirtual().name("visitor").unstarted(this::run);
  }

  /// @param began when it was sent, by `System.nanoTime`
  record Visit(long began, Answer answer) {}

  static Visitor sending(Supplier<Answer> request) {
    var visitor = new Visitor(request);
    visitor.thread.start();
    return visitor;
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        long began = System.nanoTime();
        var answer = request.get();
        synchronized (visits) {
          visits.add(new Visit(began, answer));
        }
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      }
    } catch (InterruptedException | LabException e) {
      // Closed.
    }
  }

  /// Those that were answered until now, in order.
  List<Visit> visits() {
    synchronized (visits) {
      return List.copyOf(visits);
    }
  }

  /// Those of them that were sent at this moment or later.
  List<Visit> since(long nanoTime) {
    return visits().stream().filter(visit -> visit.began() - nanoTime >= 0).toList();
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
