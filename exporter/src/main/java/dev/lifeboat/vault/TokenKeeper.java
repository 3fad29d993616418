package dev.lifeboat.vault;

import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.VaultException.Reason;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Holds one token: logs in at the first use, renews it in the background before it ends, logs in
/// again when it was refused or cannot be renewed. One login serves for as long as it lives.
public final class TokenKeeper implements AutoCloseable {
  /*
   * A token's life. Got at T, it is due at T + 2/3 of its time to live, less up to a tenth so that
   * a fleet does not renew in step. When due:
   *
   *   the file holds another token   -> that one is taken
   *   renewable                      -> renewed; due again after 2/3 of the new time
   *   renewed for less than half of  -> (its maximum is near) a new login, the old one given back
   *     what the login gave
   *   not renewable, or refused      -> a new login
   *   anything fails                 -> the old token stays until its end, and the attempt is made
   *                                     again after 1, 2, 4 … 60 s
   *
   * A 403 may mean that the token is gone or that its policy lacks a path, and no login heals the
   * second. So the next `token()` after a refusal looks the token up: alive, it stays; otherwise
   * there is a new login, at most once per 10 s.
   *
   * A login that the server answers with a fault of its own (OpenBao's 500 for a moment after a
   * failover) is tried again by `token()` itself while the next attempt is at most 4 s away: after
   * 1, 2 and 4 s, so that a backup or a poll need not fail for it.
   *
   * Due times are counted with the monotonic clock, which nobody sets; only the expiry that we show
   * is wall time. `lock` is held during a login, so `expiry` and `refused` do not take it.
   */
  private static final System.Logger logger = System.getLogger(TokenKeeper.class.getName());
  private static final Duration MIN_BETWEEN_LOGINS = Duration.ofSeconds(10);
  private static final Duration WORTH_WAITING = Duration.ofSeconds(4);
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(60);
  private static final Duration LONGEST_SLEEP = Duration.ofMinutes(1);

  /// The token and when it is to be looked at again.
  ///
  /// @param firstTtl what the login gave; renewals are measured against it
  /// @param sinceNanos by the monotonic clock, whose origin is anywhere: only differences count
  /// @param endAfterNanos `Long.MAX_VALUE` for never, and so `dueAfterNanos`
  private record Held(
      Grant grant,
      Duration firstTtl,
      long sinceNanos,
      long endAfterNanos,
      long dueAfterNanos,
      Optional<Instant> expiry) {
    boolean ended(long nanos) {
      return nanos - sinceNanos >= endAfterNanos;
    }

    long untilDue(long nanos) {
      return dueAfterNanos - (nanos - sinceNanos);
    }
  }

  private final Login login;
  private final InstantSource clock;
  private final LongSupplier nanos;
  private final Pause pause;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final boolean background;
  private volatile @Nullable Held held;
  private volatile @Nullable Secret refusedToken;
  private @Nullable Long lastLoginNanos;
  private @Nullable VaultException lastFailure;
  private long retryNanos;
  private int failures;
  private boolean started;
  private volatile boolean closed;

  private TokenKeeper(Login login, InstantSource clock, LongSupplier nanos, Optional<Pause> pause) {
    this.login = login;
    this.clock = clock;
    this.nanos = nanos;
    this.pause = pause.orElse(this::untilClosed);
    this.background = pause.isEmpty();
  }

  /// Lets time pass; false when there is no use in going on.
  @FunctionalInterface
  interface Pause {
    boolean sleep(long nanos) throws InterruptedException;
  }

  public static TokenKeeper open(VaultClient client, VaultConfig.Auth auth, InstantSource clock) {
    return new TokenKeeper(new Login(client, auth), clock, System::nanoTime, Optional.empty());
  }

  /// Without a thread of its own: whoever calls [#lookAfter] and answers `pause` is the time.
  static TokenKeeper byHand(
      VaultClient client,
      VaultConfig.Auth auth,
      InstantSource clock,
      LongSupplier nanos,
      Pause pause) {
    return new TokenKeeper(new Login(client, auth), clock, nanos, Optional.of(pause));
  }

  /// Whether a login is configured at all.
  public boolean configured() {
    return login.configured();
  }

  /// A token that was good when last looked at. Blocks for a login when there is none, and up to 7
  /// s more while the server has a fault.
  public Secret token() {
    while (true) {
      try {
        return heldOrNew();
      } catch (VaultException failed) {
        if (!waited(failed)) {
          throw failed;
        }
      }
    }
  }

  /// Until the next attempt, if it is near and promises something.
  private boolean waited(VaultException failed) {
    long wait;
    lock.lock();
    try {
      wait = retryNanos - nanos.getAsLong();
      if (failed != lastFailure
          || failed.reason() != Reason.SERVER_ERROR
          || wait > WORTH_WAITING.toNanos()) {
        return false;
      }
    } finally {
      lock.unlock();
    }
    try {
      return pause.sleep(wait);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private boolean untilClosed(long wait) throws InterruptedException {
    return !ended.await(wait, TimeUnit.NANOSECONDS);
  }

  private Secret heldOrNew() {
    // Without the lock: while its renewal hangs, the token itself is still good.
    Held good = held;
    if (good != null && !refused(good) && !good.ended(nanos.getAsLong())) {
      return good.grant().token();
    }
    lock.lock();
    try {
      Held now = held;
      if (now != null && !now.ended(nanos.getAsLong())) {
        if (refused(now) && !login.rotated(now.grant()) && login.alive(now.grant())) {
          refusedToken = null;
        }
        if (!refused(now)) {
          return now.grant().token();
        }
      }
      return logIn().token();
    } finally {
      lock.unlock();
    }
  }

  /// Says that the server answered 403 to this token: the next [#token] looks whether it still
  /// lives and logs in anew (or reads the file again) if not, at most once per 10 s.
  public void refused(Secret token) {
    Held now = held;
    if (now != null && now.grant().token().equals(token)) {
      refusedToken = token;
    }
  }

  private boolean refused(Held now) {
    return Objects.equals(now.grant().token(), refusedToken);
  }

  /// When the token ends; empty without one, or for a token that never ends.
  public Optional<Instant> expiry() {
    Held now = held;
    return now == null ? Optional.empty() : now.expiry();
  }

  private Grant logIn() {
    long now = nanos.getAsLong();
    if (lastFailure != null && now - retryNanos < 0) {
      throw lastFailure;
    }
    Held old = held;
    boolean wasRefused = old != null && refused(old);
    if (wasRefused && lastLoginNanos != null) {
      long wait = MIN_BETWEEN_LOGINS.toNanos() - (now - lastLoginNanos);
      if (wait > 0) {
        throw new VaultException(
            Reason.DENIED,
            "the token of %d s ago is no longer known; the next login is in %d s"
                    .formatted(
                        TimeUnit.NANOSECONDS.toSeconds(now - lastLoginNanos),
                        TimeUnit.NANOSECONDS.toSeconds(wait) + 1)
                + "\nhint: see in the server's audit log who revokes it");
      }
    }
    lastLoginNanos = now;
    try {
      Grant grant = login.now();
      hold(grant, grant.ttl().orElse(Duration.ZERO));
      log(Level.INFO, "logged_in", "");
      if (old != null && !wasRefused && !old.grant().token().equals(grant.token())) {
        giveBack(old.grant());
      }
      return grant;
    } catch (VaultException failed) {
      failed("login_failed", failed);
      throw failed;
    }
  }

  private void hold(Grant grant, Duration firstTtl) {
    long now = nanos.getAsLong();
    long ttl = grant.ttl().map(Duration::toNanos).orElse(Long.MAX_VALUE);
    boolean endless = ttl == Long.MAX_VALUE;
    long due = (long) (ttl * 2.0 / 3 * ThreadLocalRandom.current().nextDouble(0.9, 1));
    held =
        new Held(
            grant,
            firstTtl,
            now,
            ttl,
            endless ? Long.MAX_VALUE : due,
            grant.ttl().map(left -> clock.instant().plus(left)));
    refusedToken = null;
    lastFailure = null;
    failures = 0;
    if (background && !started && !endless && !closed) {
      started = true;
      Thread.ofVirtual().name("vault-token").start(this::loop);
    }
    changed.signalAll();
  }

  private void failed(String event, VaultException failed) {
    Duration backoff = Duration.ofSeconds(1L << Math.min(failures, 6));
    backoff = backoff.compareTo(MAX_BACKOFF) > 0 ? MAX_BACKOFF : backoff;
    failures++;
    lastFailure = failed;
    retryNanos = nanos.getAsLong() + backoff.toNanos();
    // What was asked and what came of it; there is no secret in it.
    String message = failed.sentence().replace('"', '\'');
    log(Level.WARNING, event, failed.reason().label() + " message=\"" + message + "\"");
  }

  /// Renews or replaces the token when it is due.
  void lookAfter() {
    lock.lock();
    try {
      Held now = held;
      long time = nanos.getAsLong();
      boolean waiting = lastFailure != null && time - retryNanos < 0;
      // A login that failed is tried again although the token it was to replace is still good.
      boolean again = lastFailure != null;
      if (now == null || closed || waiting || (!again && now.untilDue(time) > 0)) {
        return;
      }
      try {
        replaceOrRenew(now);
      } catch (VaultException failed) {
        // Already counted when it was the login that failed.
        if (failed != lastFailure) {
          failed("renewal_failed", failed);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void replaceOrRenew(Held now) {
    if (!now.grant().renewable() || refused(now) || login.rotated(now.grant())) {
      logIn();
      return;
    }
    Grant renewed;
    try {
      renewed = login.renewed(now.grant());
    } catch (VaultException failed) {
      if (failed.reason() != Reason.DENIED && failed.reason() != Reason.REFUSED) {
        throw failed;
      }
      refusedToken = now.grant().token();
      logIn();
      return;
    }
    log(Level.DEBUG, "token_renewed", "");
    boolean atItsMaximum =
        renewed.ttl().isPresent() && renewed.ttl().get().compareTo(now.firstTtl().dividedBy(2)) < 0;
    hold(renewed, now.firstTtl());
    if (atItsMaximum && renewed.ours()) {
      logIn();
    }
  }

  private void loop() {
    while (!closed) {
      lookAfter();
      lock.lock();
      try {
        long wait = LONGEST_SLEEP.toNanos();
        Held now = held;
        if (now != null) {
          long time = nanos.getAsLong();
          long next = lastFailure == null ? now.untilDue(time) : retryNanos - time;
          wait = Math.clamp(next, 1_000_000L, wait);
        }
        if (!closed) {
          changed.awaitNanos(wait);
        }
      } catch (InterruptedException stop) {
        return;
      } finally {
        lock.unlock();
      }
    }
  }

  private void giveBack(Grant grant) {
    try {
      login.giveBack(grant);
    } catch (VaultException left) {
      // It ends by itself; saying so at every shutdown beside a dead node helps nobody.
      logger.log(Level.DEBUG, "event=token_left_behind reason={0}", left.reason().label());
    }
  }

  private static void log(Level level, String event, String reason) {
    logger.log(level, "event={0}{1}", event, reason.isEmpty() ? "" : " reason=" + reason);
  }

  /// Ends the background work and revokes a token of our own, best effort and within a second: a
  /// command line that ran for two seconds leaves none behind. A token from a file stays.
  @Override
  public void close() {
    closed = true;
    ended.countDown();
    try {
      // A login that hangs must not hold up the end of the process.
      if (!lock.tryLock(500, TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return;
    }
    try {
      changed.signalAll();
      Held now = held;
      held = null;
      if (now != null && !refused(now)) {
        giveBack(now.grant());
      }
    } finally {
      lock.unlock();
    }
  }
}
