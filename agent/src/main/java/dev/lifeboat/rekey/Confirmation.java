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
    /// They are the shares of the cluster now.
    IN_FORCE,
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
  public record Result(State state, int given, int threshold) {}

  /// @param shape of now, for a trial
  public Result give(List<Share> shares, Shape shape) throws InterruptedException {
    List<Share> distinct = Share.distinct(shares);
    RekeyCall call = RekeyCall.probe(client.active(), token, target);
    Progress now = call.progress();
    if (now.made()) {
      return verify(call, now.shape().threshold(), distinct);
    }
    if (now.started() || distinct.size() < shape.threshold()) {
      return new Result(State.NOTHING_WAITS, 0, shape.threshold());
    }
    try {
      boolean fits = new Giving(call, target).fits(distinct, shape);
      return new Result(
          fits ? State.IN_FORCE : State.NOT_IN_FORCE, distinct.size(), shape.threshold());
    } catch (Disturbed e) {
      throw new RekeyException(
          "somebody else gives shares at the same time\nhint: let them finish, then again", e);
    }
  }

  private Result verify(RekeyCall call, int threshold, List<Share> shares)
      throws InterruptedException {
    Verification at = call.verification();
    int given = at.given();
    for (Share share : shares) {
      if (given + 1 >= threshold) {
        // The last one: from here on the old shares are dead.
        new Readiness(client, token).require(READY);
      }
      try {
        Verification answer = call.verify(share, at.nonce());
        if (answer.complete()) {
          return new Result(State.IN_FORCE, threshold, threshold);
        }
        given = answer.given();
      } catch (WrongShares e) {
        return new Result(State.NOT_IN_FORCE, 0, threshold);
      }
    }
    return new Result(State.COUNTED, given, threshold);
  }
}
