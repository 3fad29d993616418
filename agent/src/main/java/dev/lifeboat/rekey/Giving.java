package dev.lifeboat.rekey;

import dev.lifeboat.rekey.RekeyCall.Progress;
import dev.lifeboat.rekey.RekeyCall.Update;
import dev.lifeboat.rekey.RekeyCall.Verification;
import dev.lifeboat.rekey.RekeyCall.WrongShares;
import dev.lifeboat.unseal.Combinations;
import dev.lifeboat.unseal.Share;
import dev.lifeboat.unseal.Share.Kind;
import java.util.List;
import java.util.function.Consumer;

/// Gives shares to a rekey that was begun, whichever of them fit.
final class Giving {
  private static final int COMBINATIONS_MAX = 252;
  private static final int VERIFICATIONS_MAX = 3;

  private final RekeyCall call;
  private final Target target;
  private List<Share> taken = List.of();

  Giving(RekeyCall call, Target target) {
    this.call = call;
    this.target = target;
  }

  /// Somebody else gives shares to the same rekey: it has to be begun anew.
  static final class Disturbed extends Exception {}

  /// The new shares, for as many of the old ones as are needed.
  Update old(Progress begun, List<Share> shares)
      throws InterruptedException, WrongShares, Disturbed {
    Kind other = target == Target.UNSEAL_KEY ? Kind.RECOVERY : Kind.UNSEAL;
    List<Share> fitting =
        Share.distinct(shares).stream().filter(share -> share.kind() != other).toList();
    if (fitting.size() < begun.required()) {
      throw new RekeyException(
          "%d shares of the %s are needed, and there are %d\nhint: ask further custodians"
              .formatted(begun.required(), target.words(), fitting.size()));
    }
    List<List<Share>> combinations = Combinations.of(fitting, begun.required(), COMBINATIONS_MAX);
    // The only one there is gets a second chance: one of somebody else's before its last share
    // looks
    // as if it were wrong.
    List<List<Share>> tries =
        combinations.size() == 1
            ? List.of(combinations.getFirst(), combinations.getFirst())
            : combinations;
    WrongShares last = new WrongShares(new IllegalStateException("no combination"));
    for (List<Share> combination : tries) {
      try {
        Update update = together(combination, begun.nonce());
        taken = combination;
        return update;
      } catch (WrongShares e) {
        last = e;
      }
    }
    throw last;
  }

  /// The old ones that the server took.
  List<Share> taken() {
    return taken;
  }

  private Update together(List<Share> shares, String nonce)
      throws InterruptedException, WrongShares, Disturbed {
    for (int index = 0; index < shares.size(); index++) {
      Update update = call.give(shares.get(index), nonce);
      if (update.complete()) {
        return update;
      }
      if (update.given() != index + 1) {
        throw new Disturbed();
      }
    }
    throw new Disturbed();
  }

  /// Whether the new shares came into force. False: they are not those that the server has made.
  boolean verify(List<Share> shares, int threshold) throws InterruptedException {
    for (int attempt = 1; attempt <= VERIFICATIONS_MAX; attempt++) {
      Verification before = call.verification();
      String nonce = before.nonce();
      if (before.given() > 0) {
        // Somebody's, perhaps our own before a crash; OpenBao counts the same share twice.
        call.restartVerification(nonce);
        nonce = call.verification().nonce();
      }
      try {
        if (verified(shares.subList(0, threshold), nonce)) {
          return true;
        }
      } catch (WrongShares e) {
        // Perhaps one of somebody else's came between.
      }
    }
    return false;
  }

  private boolean verified(List<Share> shares, String nonce)
      throws InterruptedException, WrongShares {
    for (int index = 0; index < shares.size(); index++) {
      Verification answer = call.verify(shares.get(index), nonce);
      if (answer.complete()) {
        return true;
      }
      if (answer.given() != index + 1) {
        return false;
      }
    }
    return false;
  }

  /// Whether these are the shares of now. Tried by a rekey that is cancelled: what it makes has no
  /// force without verification.
  ///
  /// @param nonce is told that there is about to be one, with "", and then its nonce, before
  ///   anything is given: a process that dies in the middle leaves it on the server, and the next
  ///   one has to know whose it is
  boolean fits(List<Share> shares, Shape shape, Consumer<String> nonce)
      throws InterruptedException, Disturbed {
    nonce.accept("");
    Progress begun = call.begin(shape, List.of());
    nonce.accept(begun.nonce());
    try {
      return old(begun, shares).complete();
    } catch (WrongShares e) {
      return false;
    } finally {
      call.cancel(begun.nonce());
    }
  }
}
