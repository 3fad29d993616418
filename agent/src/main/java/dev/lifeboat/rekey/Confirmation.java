package dev.lifeboat.rekey;

import dev.lifeboat.config.Secret;
import dev.lifeboat.rekey.Giving.Disturbed;
import dev.lifeboat.rekey.RekeyCall.Progress;
import dev.lifeboat.rekey.RekeyCall.Verification;
import dev.lifeboat.rekey.RekeyCall.WrongShares;
import dev.lifeboat.unseal.Share;
import dev.lifeboat.vault.VaultClient;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// New shares given by their custodians, at several machines: to the verification that waits for
/// them or, when none does, to find out whether they are in force.
public final class Confirmation {
  private static final Duration READY = Duration.ofSeconds(20);

  private final VaultClient client;
  private final Supplier<Secret> token;
  private final Target target;

  public Confirmation(VaultClient client, Supplier<Secret> token, Target target) {
    this.client = client;
    this.token = token;
    this.target = target;
  }

  /// What became of it.
  public enum State {
    /// They were verified, and are the shares of the cluster since then.
    IN_FORCE,
    /// None wait, and these were tried: they are the shares of the cluster now. So are old ones
    /// when the new ones were dropped.
    FIT,
    /// Counted; others have to come.
    COUNTED,
    /// They are not those of the cluster, nor those that wait.
    NOT_IN_FORCE,
    /// No new shares wait, and these are too few to be tried.
    NOTHING_WAITS;

    /// `in-force`, as in JSON.
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /// @param given how many the verification has
  /// @param nonce of the rekey whose shares came into force; else empty
  public record Result(State state, int given, int threshold, String nonce) {}

  /// A run of this machine whose new shares these may be.
  ///
  /// @param notes its own so far; empty when there is none
  /// @param shape of its new shares
  /// @param noting adds to them
  public record Run(Map<String, String> notes, Shape shape, Consumer<Map<String, String>> noting) {
    public Run {
      notes = Map.copyOf(notes);
    }

    /// Nothing is known here.
    public static Run none(Shape shape) {
      return new Run(Map.of(), shape, _ -> {});
    }
  }

  /// @param threshold of now, for a trial
  /// @param run gets to know of a trial, which is cancelled by the next process if this one dies
  public Result give(List<Share> shares, int threshold, Run run) throws InterruptedException {
    List<Share> distinct = Share.distinct(shares);
    RekeyCall call = RekeyCall.probe(client.active(), token, target);
    Progress now = call.progress();
    boolean waits = now.made() && now.nonce().equals(run.notes().get(Exchange.KEPT_FOR));
    if (now.started() && !waits && Exchange.ours(now, run.notes(), run.shape())) {
      // Of a process that died in a trial, or before it had new shares: nobody waits for it. One
      // that lives holds the record, so that this note fails.
      run.noting().accept(Exchange.began(now.nonce()));
      call.cancel(now.nonce());
      now = call.progress();
    }
    if (now.made()) {
      return verify(call, now, distinct);
    }
    return tried(call, now, distinct, threshold, run);
  }

  /// Tries only: nothing is given to new shares that wait, whosever they are.
  public Result tried(List<Share> shares, int threshold, Run run) throws InterruptedException {
    RekeyCall call = RekeyCall.probe(client.active(), token, target);
    return tried(call, call.progress(), Share.distinct(shares), threshold, run);
  }

  private Result tried(RekeyCall call, Progress now, List<Share> distinct, int threshold, Run run)
      throws InterruptedException {
    if (now.started() || distinct.size() < threshold) {
      return new Result(State.NOTHING_WAITS, 0, threshold, "");
    }
    try {
      boolean fits =
          new Giving(call, target)
              .fits(
                  Recognised.of(run.notes(), distinct, threshold).shares(),
                  run.shape(),
                  nonce -> run.noting().accept(Exchange.began(nonce)));
      return new Result(fits ? State.FIT : State.NOT_IN_FORCE, distinct.size(), threshold, "");
    } catch (Disturbed e) {
      throw new RekeyException(
          "somebody else gives shares at the same time\nhint: let them finish, then again", e);
    }
  }

  private Result verify(RekeyCall call, Progress now, List<Share> shares)
      throws InterruptedException {
    int threshold = now.shape().threshold();
    Verification at = call.verification();
    // Another rekey may have come between the two questions.
    String nonce = at.nonce().equals(now.verificationNonce()) ? now.nonce() : "";
    int given = at.given();
    for (Share share : shares) {
      if (given + 1 >= threshold) {
        // The last one: from here on the old shares are dead.
        new Readiness(client, token).require(READY);
      }
      try {
        Verification answer = call.verify(share, at.nonce());
        if (answer.complete()) {
          return new Result(State.IN_FORCE, threshold, threshold, nonce);
        }
        given = answer.given();
      } catch (WrongShares e) {
        return new Result(State.NOT_IN_FORCE, 0, threshold, "");
      }
    }
    return new Result(State.COUNTED, given, threshold, "");
  }
}
