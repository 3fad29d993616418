package dev.lifeboat.notify;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// Tells every target what it wants to know, each on a thread of its own and in the order of the
/// events. Whoever has an event never waits, and never hears of a failure.
public final class Notifier implements AutoCloseable {
  /*
   * Events wait in a queue for each target, in memory: what is not delivered when the process dies
   * is lost, and is in the log and in the metrics all the same. A target that hangs holds up its
   * own events only; when too many wait, the newest is dropped and counted, since the oldest says
   * what began it.
   */
  private static final int WAITING_MAX = 100;
  private static final int ATTEMPTS = 3;

  private static final System.Logger logger = System.getLogger(Notifier.class.getName());

  private final List<Lane> lanes = new ArrayList<>();
  private final Pauses pauses;
  private final NotifyCounts counts;
  private final InstantSource clock;
  private volatile boolean closing;

  /// How long it waits.
  ///
  /// @param retry before the second attempt at a webhook; four times as long before the third
  /// @param close for what is still to be told when it is closed
  public record Pauses(Duration retry, Duration close) {}

  private Notifier(Pauses pauses, NotifyCounts counts, InstantSource clock) {
    this.pauses = pauses;
    this.counts = counts;
    this.clock = clock;
  }

  /// @param environment of this process, of which PATH and LANG are passed on to programs
  public static Notifier open(
      List<NotifyConfig> targets,
      Map<String, String> environment,
      Pauses pauses,
      NotifyCounts counts,
      InstantSource clock) {
    Notifier notifier = new Notifier(pauses, counts, clock);
    for (NotifyConfig target : targets) {
      Lane lane = notifier.new Lane(target, environment);
      notifier.lanes.add(lane);
      lane.thread.start();
    }
    return notifier;
  }

  /// Returns at once, whatever the targets do.
  public void tell(Event event) {
    for (Lane lane : lanes) {
      if (lane.target.events().contains(event.kind()) && (closing || !lane.add(event))) {
        counts.dropped(lane.target.name(), 1);
        logger.log(
            System.Logger.Level.WARNING,
            "event=notify_dropped target={0} told={1}",
            lane.target.name(),
            event.kind().label());
      }
    }
  }

  /// Tells one target, here and now, with as many attempts as it would get.
  public static Delivery deliver(
      NotifyConfig target, Event event, Map<String, String> environment, Duration retry)
      throws InterruptedException {
    byte[] json = event.json();
    return switch (target.where()) {
      case NotifyConfig.Command command ->
          new CommandRun(command.line(), environment, target.timeout()).tell(event.kind(), json);
      case NotifyConfig.Webhook webhook -> {
        WebhookCall call = new WebhookCall(webhook, target.timeout());
        Delivery delivery = call.tell(event.kind(), json);
        for (int again = 1; again < ATTEMPTS && WebhookCall.isPassing(delivery); again++) {
          Thread.sleep(retry.multipliedBy(again == 1 ? 1 : 4));
          delivery = call.tell(event.kind(), json);
        }
        yield delivery;
      }
    };
  }

  /// One target, its events and its thread.
  private final class Lane {
    private final NotifyConfig target;
    private final Map<String, String> environment;

    /// Empty: there will be no more.
    private final BlockingQueue<Optional<Event>> waiting = new LinkedBlockingQueue<>();

    private final Thread thread;

    Lane(NotifyConfig target, Map<String, String> environment) {
      this.target = target;
      this.environment = environment;
      this.thread = Thread.ofVirtual().name("notify-" + target.name()).unstarted(this::run);
    }

    boolean add(Event event) {
      return waiting.size() < WAITING_MAX && waiting.add(Optional.of(event));
    }

    private void run() {
      try {
        for (Optional<Event> next = waiting.take(); next.isPresent(); next = waiting.take()) {
          deliver(next.get());
        }
      } catch (InterruptedException e) {
        // Closed; what waits is lost, and close says so.
      }
    }

    private void deliver(Event event) throws InterruptedException {
      Delivery delivery;
      try {
        delivery = Notifier.deliver(target, event, environment, pauses.retry());
      } catch (RuntimeException e) {
        logger.log(System.Logger.Level.ERROR, "event=notify_bug target=" + target.name(), e);
        counts.dropped(target.name(), 1);
        return;
      }
      counts.delivered(target.name(), delivery, clock.instant());
      logger.log(
          delivery.good() ? System.Logger.Level.INFO : System.Logger.Level.WARNING,
          "event=%s target=%s told=%s reason=%s took_ms=%d message=\"%s\""
              .formatted(
                  delivery.good() ? "notified" : "notify_failed",
                  target.name(),
                  event.kind().label(),
                  delivery.trouble().map(Delivery.Trouble::label).orElse("none"),
                  delivery.took().toMillis(),
                  delivery.words().replace('"', '\'')));
    }
  }

  /// Waits a moment for what is still to be told; the rest is dropped and counted.
  @Override
  public void close() {
    closing = true;
    lanes.forEach(lane -> lane.waiting.add(Optional.empty()));
    long deadline = System.nanoTime() + pauses.close().toNanos();
    for (Lane lane : lanes) {
      try {
        Duration left = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
        if (!lane.thread.join(left)) {
          lane.thread.interrupt();
        }
      } catch (InterruptedException e) {
        lanes.forEach(each -> each.thread.interrupt());
        Thread.currentThread().interrupt();
      }
      long lost = lane.waiting.stream().filter(Optional::isPresent).count();
      if (lost > 0) {
        counts.dropped(lane.target.name(), lost);
        logger.log(
            System.Logger.Level.WARNING,
            "event=notify_dropped target={0} events={1}",
            lane.target.name(),
            Long.toString(lost));
      }
    }
  }
}
