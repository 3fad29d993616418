package dev.lifeboat.rekey;

import dev.lifeboat.config.Secret;
import dev.lifeboat.journal.Step;
import dev.lifeboat.rekey.Giving.Disturbed;
import dev.lifeboat.rekey.RekeyCall.Progress;
import dev.lifeboat.rekey.RekeyCall.Update;
import dev.lifeboat.rekey.RekeyCall.WrongShares;
import dev.lifeboat.unseal.Share;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultException.Reason;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// New shares for old ones: made, stored, read back, verified.
public final class Exchange implements Step {
  /*
   * At each moment one set of shares opens the cluster, and it is stored.
   *
   *   note attempt        killed after it: a rekey may have been begun whose nonce nobody has; one
   *                       of our shape that was given nothing is taken for it, and cancelled
   *   begin
   *   note nonce          killed after it: it is known as ours, and cancelled
   *   give old shares     the answer has the new ones. Lost: they have no force, and are made again
   *   note keeping
   *   store the new ones  killed after it: they lie there for nothing, and the record says where
   *   note kept
   *   read them back, see all nodes once more
   *   note verifying
   *   give new shares     the old ones are dead when the last is taken. Its answer lost, or killed:
   *                       nobody knows. So what the server takes decides: old shares that it takes
   *                       are the shares still, and all begins anew; when it refuses them, those
   *                       that are kept are tried
   *   note verified
   *
   * A trial is a rekey too, and its nonce is noted in the same way.
   *
   * The rekey lies in the memory of the active node. A change of leader drops it, which the next
   * round finds out like every other state: by asking.
   */
  public static final String NAME = "exchange";
  private static final int ROUNDS_MAX = 6;
  private static final int READY_PAUSES = 20;

  private static final String ATTEMPT = "attempt";
  private static final String NONCE = "nonce";
  private static final String KEEPING = "keeping";
  private static final String KEPT = "kept";
  static final String KEPT_FOR = "kept_for";
  private static final String VERIFYING = "verifying";
  private static final String VERIFIED = "verified";
  private static final String TRIED = "tried";
  static final String KEPT_DIGESTS = "kept_digests";
  static final String OLD_DIGESTS = "old_digests";

  private final VaultClient client;
  private final Supplier<Secret> token;
  private final Old old;
  private final Keeping keeping;
  private final Plan plan;
  private final Duration pause;
  private @Nullable Made made;

  /// What is to be made.
  ///
  /// @param run names what is kept
  /// @param epoch from which on the new shares open the cluster
  public record Plan(String run, Target target, Shape shape, String clusterId, int epoch) {}

  /// The shares of now; asked for only when they are needed, and once.
  public interface Old {
    List<Share> get() throws InterruptedException;
  }

  /// The new shares, while this process lives.
  private record Made(String nonce, List<Share> shares) {}

  /// @param pause between two rounds; all nodes have twenty of them to be ready
  public Exchange(
      VaultClient client,
      Supplier<Secret> token,
      Old old,
      Keeping keeping,
      Plan plan,
      Duration pause) {
    this.client = client;
    this.token = token;
    this.old = old;
    this.keeping = keeping;
    this.plan = plan;
    this.pause = pause;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String text() {
    return "make new shares (%s), store them, verify them".formatted(plan.shape());
  }

  /// Where the shares are that came into force, of the facts that [#run] gave.
  public static String place(Map<String, String> facts) {
    return facts.getOrDefault(KEPT, "");
  }

  /// Whether the notes say that the new shares are in force.
  public static boolean verified(Map<String, String> notes) {
    return !notes.getOrDefault(VERIFIED, "").isEmpty();
  }

  /// Whether these are the notes of a run that has stored new shares, and does not know of them
  /// that they are in force.
  public static boolean waits(Map<String, String> notes) {
    return !place(notes).isEmpty() && !verified(notes);
  }

  /// For a process to which a custodian gave the last share.
  ///
  /// @param nonce of the rekey that was verified; another one has put other shares in force
  public static Map<String, String> verification(Map<String, String> notes, String nonce) {
    return waits(notes) && nonce.equals(notes.get(KEPT_FOR))
        ? Map.of(VERIFIED, "by custodians")
        : Map.of();
  }

  /// For a process to which shares were given that are those of now, and of which it is not known
  /// that they are others than the new ones.
  public static Map<String, String> trial(Map<String, String> notes) {
    return Map.of(TRIED, notes.getOrDefault(KEPT_FOR, ""));
  }

  /// That a rekey is about to be begun, with "", or which one it is.
  static Map<String, String> began(String nonce) {
    return Map.of(NONCE, nonce);
  }

  /// Cancels what waits on the server, when it is what these notes speak of.
  ///
  /// @param shape of what they wanted
  /// @return whether it is certain now that the new shares are not in force: they were not about to
  ///   be verified, or what was cancelled is their rekey and not another of the same run
  public static boolean withdraw(
      VaultClient client,
      Supplier<Secret> token,
      Target target,
      Shape shape,
      Map<String, String> notes) {
    RekeyCall call = RekeyCall.probe(client.active(), token, target);
    Progress now = call.progress();
    String verifying = notes.getOrDefault(VERIFYING, "");
    if (!now.started() || !ours(now, notes, shape)) {
      return verifying.isEmpty();
    }
    call.cancel(now.nonce());
    return verifying.isEmpty() || now.nonce().equals(verifying);
  }

  @Override
  public Map<String, String> run(Notes notes) throws InterruptedException {
    for (int round = 1; ; round++) {
      try {
        if (verified(notes.all()) || settled(notes)) {
          return Map.of(
              KEPT,
              notes.all().getOrDefault(KEPT, ""),
              VERIFIED,
              notes.all().getOrDefault(VERIFIED, ""));
        }
      } catch (VaultException e) {
        if (round == ROUNDS_MAX || !(e.reason().retryable() || e.reason() == Reason.REFUSED)) {
          throw e;
        }
      }
      if (round == ROUNDS_MAX) {
        throw new RekeyException(
            "%d attempts were disturbed: a change of leader, or somebody else rekeys\nhint: find"
                    .formatted(ROUNDS_MAX)
                + " the other; the same command tries again");
      }
      Thread.sleep(pause.multipliedBy(round));
    }
  }

  /// False when it has to be looked at anew.
  private boolean settled(Notes notes) throws InterruptedException {
    Map<String, String> noted = notes.all();
    RekeyCall call = RekeyCall.probe(client.active(), token, plan.target());
    Progress now = call.progress();
    if (now.started()) {
      if (!ours(now, noted, plan.shape())) {
        throw new RekeyException(
            "somebody else's rekey is going on (nonce %s, %d of %d shares given)\nhint: let it"
                    .formatted(now.nonce(), now.given(), now.required())
                + " finish, or have it cancelled: DELETE %s/init".formatted(call.path()));
      }
      if (now.made() && now.nonce().equals(noted.get(KEPT_FOR))) {
        return verify(call, now.nonce(), notes);
      }
      call.cancel(now.nonce());
    }
    return begin(call, notes);
  }

  /// One that was begun by a process that died before it could note the nonce is known by what it
  /// was begun for, and by that nothing was given to it.
  static boolean ours(Progress now, Map<String, String> noted, Shape shape) {
    String nonce = noted.getOrDefault(NONCE, "none");
    boolean unnoted =
        nonce.isEmpty()
            && now.given() == 0
            && !now.made()
            && now.verified()
            && now.shape().equals(shape);
    return nonce.equals(now.nonce()) || unnoted;
  }

  private boolean begin(RekeyCall call, Notes notes) throws InterruptedException {
    List<Share> shares = old.get();
    int attempt = Integer.parseInt(notes.all().getOrDefault(ATTEMPT, "0")) + 1;
    notes.add(Map.of(ATTEMPT, Integer.toString(attempt), NONCE, ""));
    Progress begun = call.begin(plan.shape(), keeping.pgpKeys());
    notes.add(Map.of(NONCE, begun.nonce()));
    if (!begun.verified()) {
      call.cancel(begun.nonce());
      throw new RekeyException(
          "the server does not offer to verify new shares\nhint: it is too old; upgrade it");
    }
    Update update;
    Giving giving = new Giving(call, plan.target());
    try {
      update = giving.old(begun, shares);
    } catch (Disturbed e) {
      call.cancel(begun.nonce());
      return false;
    } catch (WrongShares e) {
      call.cancel(begun.nonce());
      return inForce(call, shares, notes);
    } catch (RekeyException e) {
      call.cancel(begun.nonce());
      throw e;
    }
    keep(update, begun.nonce(), attempt, giving.taken(), notes);
    return verify(call, begun.nonce(), notes);
  }

  private void keep(Update update, String nonce, int attempt, List<Share> taken, Notes notes) {
    String name = "%s-%d".formatted(plan.run(), attempt);
    String kept =
        keeping.keep(
            new NewShares(
                name, plan.target(), plan.shape(), plan.clusterId(), plan.epoch(), update.keys()),
            place -> notes.add(Map.of(KEEPING, place)));
    if (keeping.pgpKeys().isEmpty()) {
      made = new Made(nonce, shares(update.keys()));
    }
    Map<String, String> facts = new HashMap<>(Map.of(KEPT, kept, KEPT_FOR, nonce));
    // Shares that were made before have no force now: the server has taken the old ones.
    facts.put(VERIFYING, "");
    // Whoever gives shares later, for these ones, may give the old ones by mistake.
    Marks seen = keeping.pgpKeys().isEmpty() ? Marks.of(shares(update.keys())) : Marks.NONE;
    facts.put(KEPT_DIGESTS, seen.text());
    facts.put(OLD_DIGESTS, Marks.of(taken).text());
    notes.add(facts);
  }

  private List<Share> shares(List<Secret> keys) {
    return keys.stream()
        .map(
            key ->
                Share.parse(key.reveal(), "a new share", plan.target().kind())
                    .orElseThrow(
                        () ->
                            new RekeyException(
                                "what the server calls a new share is none\nhint: a proxy?")))
        .toList();
  }

  private boolean verify(RekeyCall call, String nonce, Notes notes) throws InterruptedException {
    String place = notes.all().getOrDefault(KEPT, "");
    Optional<List<Share>> readBack = keeping.readBack(place, plan.shape().threshold());
    Made own = made != null && made.nonce().equals(nonce) ? made : null;
    if (readBack.isPresent() && own != null && !among(readBack.get(), own.shares())) {
      call.cancel(nonce);
      throw new RekeyException(
          "what is stored in %s is not what was stored there\nhint: it is worthless; see who writes"
                  .formatted(place)
              + " there, and begin again");
    }
    if (readBack.isEmpty() && !keeping.unseen()) {
      // From now on they may come into force at any time.
      notes.add(Map.of(VERIFYING, nonce));
      throw new CustodiansDue(place, plan.shape().threshold());
    }
    Optional<List<Share>> shares = readBack.or(() -> Optional.ofNullable(own).map(Made::shares));
    if (shares.isEmpty()) {
      // Made by a process that is no more; nobody here can read them.
      call.cancel(nonce);
      return false;
    }
    try {
      new Readiness(client, token).require(pause.multipliedBy(READY_PAUSES));
    } catch (RekeyException e) {
      call.cancel(nonce);
      throw e;
    }
    notes.add(Map.of(VERIFYING, nonce));
    if (new Giving(call, plan.target()).verify(shares.get(), plan.shape().threshold())) {
      notes.add(Map.of(VERIFIED, "by verification"));
      return true;
    }
    call.cancel(nonce);
    throw new RekeyException(
        "the server does not know its own new shares as they are stored in %s\nhint: begin again"
            .formatted(place));
  }

  private static boolean among(List<Share> some, List<Share> all) {
    return some.stream().allMatch(share -> all.stream().anyMatch(share::sameAs));
  }

  /// The server has refused the old shares. Perhaps because new ones are in force already.
  private boolean inForce(RekeyCall call, List<Share> refused, Notes notes)
      throws InterruptedException {
    Map<String, String> noted = notes.all();
    String place = noted.getOrDefault(KEPT, "");
    if (place.isEmpty()) {
      throw new RekeyException(
          "the shares that were given are not those of the %s\nhint: one is mistyped, of another"
                  .formatted(plan.target().words())
              + " cluster, or of before the last rekey");
    }
    int threshold = plan.shape().threshold();
    Optional<List<Share>> kept =
        keeping
            .readBack(place, threshold)
            .or(
                () ->
                    Optional.ofNullable(made)
                        .filter(own -> own.nonce().equals(noted.get(KEPT_FOR)))
                        .map(Made::shares));
    try {
      if (kept.isPresent()
          && new Giving(call, plan.target())
              .fits(kept.get(), plan.shape(), nonce -> notes.add(began(nonce)))) {
        notes.add(Map.of(VERIFIED, "by trial"));
        return true;
      }
    } catch (Disturbed e) {
      return false;
    }
    if (kept.isEmpty() && tried(noted, refused)) {
      notes.add(Map.of(VERIFIED, "by custodians, by trial"));
      return true;
    }
    throw new RekeyException(
        "the shares that were given are not those of the %s, and %s\nhint: %s"
            .formatted(
                plan.target().words(),
                kept.isPresent()
                    ? "neither are those in " + place
                    : "those in %s cannot be read here".formatted(place),
                "lifeboat rekey --verify with %d of the new shares, then this again with the old"
                        .formatted(threshold)
                    + " shares as at first, finds out"));
  }

  /// Whether `--verify` has found shares of now that may be the new ones, and the server refuses
  /// those that it took when they were made. Of new ones that we have seen, `--verify` knew them.
  /// Otherwise what is refused has to be the old ones for certain: mistyped ones say nothing.
  private static boolean tried(Map<String, String> noted, List<Share> refused) {
    String keptFor = noted.getOrDefault(KEPT_FOR, "");
    return !keptFor.isEmpty()
        && keptFor.equals(noted.get(TRIED))
        && (!noted.getOrDefault(KEPT_DIGESTS, "").isEmpty()
            || Marks.parse(noted.getOrDefault(OLD_DIGESTS, "")).allAmong(refused));
  }
}
