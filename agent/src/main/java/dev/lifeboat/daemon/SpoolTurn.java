package dev.lifeboat.daemon;

import dev.lifeboat.backup.Spool;
import dev.lifeboat.backup.Spool.Holder;
import dev.lifeboat.store.StoreException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// An agent's turn in the spool. A backup by the command line ends, so an agent waits for it; the
/// work of another agent does not, so that is an error at once.
///
/// Nothing is served meanwhile: readiness means that backups can be taken.
final class SpoolTurn {
  private static final System.Logger logger = System.getLogger(SpoolTurn.class.getName());

  /// Longer than a backup mostly takes. After it the agent ends, and systemd starts it anew.
  static final Duration PATIENCE = Duration.ofMinutes(5);

  private static final Duration TICK = Duration.ofMillis(200);
  private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(5);

  private final Path spool;
  private final Inbox inbox;
  private final SdNotify notify;

  SpoolTurn(Path spool, Inbox inbox, SdNotify notify) {
    this.spool = spool;
    this.inbox = inbox;
    this.notify = notify;
  }

  /// The spool, or empty when told to stop before it was free; [StoreException] with `IN_USE` when
  /// an agent has it, or somebody else beyond `patience`.
  Optional<Spool> await(Duration patience) throws InterruptedException {
    long began = System.nanoTime();
    long lastSign = began - SIGN_OF_LIFE.toNanos();
    boolean told = false;
    while (!inbox.stopped()) {
      try {
        return Optional.of(Spool.open(spool, Holder.AGENT));
      } catch (StoreException e) {
        boolean over = System.nanoTime() - began >= patience.toNanos();
        boolean agents = Spool.holder(spool).equals(Optional.of(Holder.AGENT));
        if (e.reason() != StoreException.Reason.IN_USE || agents || over) {
          throw e;
        }
        if (!told) {
          told = true;
          logger.log(
              System.Logger.Level.INFO,
              "event=waiting_for_spool patience_s=%d message=%s"
                  .formatted(
                      patience.toSeconds(),
                      LogLines.quoted(String.valueOf(e.getMessage()).split("\n", 2)[0])));
        }
      }
      if (System.nanoTime() - lastSign >= SIGN_OF_LIFE.toNanos()) {
        lastSign = System.nanoTime();
        notify.waiting("waiting for a backup by the command line to end");
      }
      Thread.sleep(TICK);
    }
    return Optional.empty();
  }
}
