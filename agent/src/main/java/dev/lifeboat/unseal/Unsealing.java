package dev.lifeboat.unseal;

import dev.lifeboat.unseal.Opening.Result;
import dev.lifeboat.unseal.Share.Kind;
import dev.lifeboat.vault.SealStatus;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Opens one sealed node with shares.
public final class Unsealing {
  /*
   * `sys/unseal` asks nobody who he is, and what is given so far belongs to the node, not to a
   * caller. A stale share of somebody else's script therefore spoils the set, and the threshold
   * ends with "invalid key". So: forget what was given, give the shares one right after the other,
   * and see after each that the count is ours and that the attempt (its nonce) is still the same.
   *
   * A lost answer, a crash of ours or of the node loses nothing: the shares given so far are
   * forgotten by the next run, or by the node's restart.
   */
  private static final int DISTURBED_MAX = 3;

  private static final Duration JOINING = Duration.ofSeconds(20);
  private static final Duration JOINING_POLL = Duration.ofMillis(100);

  /// Two wrong shares of ten, at a threshold of five, are found among them.
  private static final int COMBINATIONS_MAX = 252;

  private final VaultNode node;
  private final SealCall call;

  public Unsealing(VaultNode node) {
    this.node = node;
    this.call = new SealCall(node);
  }

  /// Opens it with as many of the shares as it needs, whichever fit.
  ///
  /// @param shares at least one; the same one twice counts once
  /// @param recovery whether the shares are to be given to a node that opens itself
  public Opening open(List<Share> shares, boolean recovery) throws InterruptedException {
    return sealed(
        recovery,
        status -> {
          List<Share> fitting = fitting(Share.distinct(shares), recovery);
          return fitting.size() < status.threshold()
              ? of(
                  Result.TOO_FEW,
                  status,
                  "needs %d shares, and there are %d".formatted(status.threshold(), fitting.size()),
                  tooFewHint(shares, recovery))
              : tryAll(status, fitting);
        });
  }

  /// Gives shares to a node that has, or will have, others from others: forgets nothing.
  public Opening add(List<Share> shares, boolean recovery) throws InterruptedException {
    return sealed(
        recovery,
        status -> {
          List<Share> fitting = fitting(Share.distinct(shares), recovery);
          return fitting.isEmpty()
              ? of(Result.TOO_FEW, status, "there is no share to add", tooFewHint(shares, recovery))
              : addAll(status, fitting);
        });
  }

  /// How it is, without giving it anything.
  public Opening look(boolean recovery) throws InterruptedException {
    return sealed(
        recovery,
        status ->
            of(
                Result.REFUSED,
                status,
                "is sealed now, and was not when the plan was made; nothing was sent to it",
                "see why, then give the same command again"));
  }

  /// What is done with a node that shares can open.
  private interface Act {
    Opening on(SealStatus status) throws InterruptedException;
  }

  private Opening sealed(boolean recovery, Act act) throws InterruptedException {
    try {
      SealStatus status = node.sealStatus();
      Optional<Opening> settled = settled(status, recovery);
      return settled.isPresent() ? settled.get() : act.on(status);
    } catch (VaultException e) {
      return failed(e);
    }
  }

  private Opening addAll(SealStatus status, List<Share> shares) throws InterruptedException {
    try {
      int given = status.progress();
      for (Share share : shares) {
        SealCall.Answer answer = call.give(share);
        if (!answer.sealed()) {
          return opened(status, List.of(), "opened by the last of the shares");
        }
        if (answer.progress() == 0 && given + 1 >= status.threshold()) {
          return joined(status, List.of(), "opened by the last of the shares");
        }
        if (answer.progress() <= given) {
          return of(
              Result.REFUSED,
              status,
              "%s did not count: the node has %d of %d shares"
                  .formatted(share, answer.progress(), answer.threshold()),
              "was it given before? lifeboat unseal without --add begins anew");
        }
        given = answer.progress();
      }
      int missing = status.threshold() - given;
      return of(
          Result.TAKEN,
          given,
          status.threshold(),
          "has %d of %d shares".formatted(given, status.threshold()),
          "%d more to come: the next custodian runs lifeboat unseal --add".formatted(missing));
    } catch (SealCall.WrongShares e) {
      return of(
          Result.WRONG_SHARES,
          0,
          0,
          "the shares that were given together do not open it; all are forgotten",
          "one of them is wrong or of an older key: begin anew with the first custodian");
    }
  }

  /// What there is to say without giving a share.
  private Optional<Opening> settled(SealStatus status, boolean recovery) {
    if (!status.initialized()) {
      return Optional.of(
          of(
              Result.UNINITIALIZED,
              status,
              "holds no data yet, so there is nothing to open",
              "bring a backup back, or make a new cluster with operator init"));
    }
    if (!status.sealed()) {
      return Optional.of(of(Result.OPEN, status, "is open", ""));
    }
    if (status.migration()) {
      return Optional.of(
          of(
              Result.REFUSED,
              status,
              "is in the middle of a change of its seal",
              "finish it with operator unseal -migrate, node by node"));
    }
    boolean auto = !status.type().equals("shamir");
    if (auto && !recovery) {
      return Optional.of(
          of(
              Result.AUTO_UNSEAL,
              status,
              "opens itself with %s, and has not".formatted(status.type()),
              "shares cannot stand in for its key; mend what is wrong above, then restart the"
                  + " server"));
    }
    if (!auto && recovery) {
      return Optional.of(
          of(
              Result.REFUSED,
              status,
              "does not open itself, so recovery keys are nothing to it",
              "give the shares of its unseal key, without --recovery"));
    }
    return Optional.empty();
  }

  private static List<Share> fitting(List<Share> shares, boolean recovery) {
    Kind other = recovery ? Kind.UNSEAL : Kind.RECOVERY;
    return shares.stream().filter(share -> share.kind() != other).toList();
  }

  private static String tooFewHint(List<Share> shares, boolean recovery) {
    if (!recovery && shares.stream().anyMatch(share -> share.kind() == Kind.RECOVERY)) {
      return "recovery keys open no node: they only allow a new root token or a rekey";
    }
    return Share.distinct(shares).size() < shares.size()
        ? "the same share was given more than once"
        : "ask further custodians; nothing was sent";
  }

  private Opening tryAll(SealStatus status, List<Share> shares) throws InterruptedException {
    List<List<Share>> combinations = Combinations.of(shares, status.threshold(), COMBINATIONS_MAX);
    // The only one there is gets a second chance: somebody else's reset can have come before its
    // last share, which looks as if it were wrong.
    List<List<Share>> tries =
        combinations.size() == 1
            ? List.of(combinations.getFirst(), combinations.getFirst())
            : combinations;
    for (List<Share> combination : tries) {
      Opening opening = undisturbed(status, combination);
      if (opening.result() != Result.WRONG_SHARES) {
        return opening;
      }
    }
    String tried =
        combinations.size() == 1 ? "" : " in any of %d combinations".formatted(combinations.size());
    return of(
        Result.WRONG_SHARES,
        status,
        "%s do not open it%s".formatted(names(shares), tried),
        "a share is mistyped, of another cluster, or of a key before the last rekey: a node that"
            + " was down during the rekey still needs the old ones");
  }

  /// The combination, again when somebody else's share came between.
  private Opening undisturbed(SealStatus status, List<Share> shares) throws InterruptedException {
    for (int attempt = 1; attempt <= DISTURBED_MAX; attempt++) {
      if (!call.reset().sealed()) {
        return of(Result.OPEN, status, "is open: somebody else has just opened it", "");
      }
      Optional<Opening> end = attempt(status, shares);
      if (end.isPresent()) {
        return end.get();
      }
    }
    return of(
        Result.FOREIGN_SHARES,
        status,
        "somebody else gives it shares at the same time: %d attempts were disturbed"
            .formatted(DISTURBED_MAX),
        "find and stop the other (an unseal script, an operator), or let it finish");
  }

  /// Empty when somebody else's share came between.
  private Optional<Opening> attempt(SealStatus status, List<Share> shares)
      throws InterruptedException {
    String nonce = "";
    for (int index = 0; index < shares.size(); index++) {
      boolean last = index + 1 == shares.size();
      SealCall.Answer answer;
      try {
        answer = call.give(shares.get(index));
      } catch (SealCall.WrongShares e) {
        // Before the last of ours there were enough only together with one of somebody else's.
        return last
            ? Optional.of(of(Result.WRONG_SHARES, status, names(shares) + " do not open it", ""))
            : Optional.empty();
      }
      if (!answer.sealed()) {
        return Optional.of(
            last
                ? opened(status, shares, "opened with " + names(shares))
                : opened(status, List.of(), "opened, with a share of somebody else's among ours"));
      }
      if (last && answer.progress() == 0) {
        return Optional.of(joined(status, shares, "opened with " + names(shares)));
      }
      if (answer.progress() != index + 1 || (index > 0 && !nonce.equals(answer.nonce()))) {
        return Optional.empty();
      }
      nonce = answer.nonce();
    }
    return Optional.empty();
  }

  /// A node that joins a cluster takes the last share, and opens when the leader has let it in.
  private Opening joined(SealStatus status, List<Share> used, String text)
      throws InterruptedException {
    long deadline = System.nanoTime() + JOINING.toNanos();
    while (node.sealStatus().sealed()) {
      if (System.nanoTime() >= deadline) {
        return of(
            Result.REFUSED,
            status,
            "took all shares and is still sealed after %d s".formatted(JOINING.toSeconds()),
            "does it join a cluster? its log says whether it reaches the leader, by API and by"
                + " cluster port");
      }
      Thread.sleep(JOINING_POLL);
    }
    return opened(status, used, text);
  }

  private static String names(List<Share> shares) {
    return String.join(", ", shares.stream().map(Share::from).toList());
  }

  private Opening failed(VaultException e) {
    Result result =
        switch (e.reason()) {
          case UNREACHABLE, TIMEOUT, TRUNCATED, STALLED, NOT_JSON, TLS -> Result.UNREACHABLE;
          default -> Result.REFUSED;
        };
    return of(result, 0, 0, e.sentence(), e.hint());
  }

  private Opening opened(SealStatus status, List<Share> used, String text) {
    return new Opening(
        node.address(), Result.OPENED, status.threshold(), status.threshold(), used, text, "");
  }

  private Opening of(Result result, SealStatus status, String text, String hint) {
    return of(result, status.progress(), status.threshold(), text, hint);
  }

  private Opening of(Result result, int given, int threshold, String text, String hint) {
    return new Opening(node.address(), result, given, threshold, List.of(), text, hint);
  }
}
