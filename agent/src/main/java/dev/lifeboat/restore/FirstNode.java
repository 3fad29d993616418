package dev.lifeboat.restore;

import dev.lifeboat.backup.Manifest;
import dev.lifeboat.config.Secret;
import dev.lifeboat.journal.Step;
import dev.lifeboat.unseal.RootWrite;
import dev.lifeboat.unseal.Share;
import dev.lifeboat.unseal.Share.Kind;
import dev.lifeboat.unseal.Unsealing;
import dev.lifeboat.vault.SealStatus;
import dev.lifeboat.vault.VaultException;
import java.io.FileNotFoundException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// Brings the backup into one empty node, and sees it lead with the old data.
final class FirstNode implements Step {
  /*
   * A server takes a snapshot only when it is initialised and leads, so it is initialised for a
   * moment with keys and a root token that are void afterwards and that nobody ever sees. In the
   * shape of the old shares: initialised in another one it refuses the old shares until its process
   * is restarted (T33).
   *
   * The answer to a snapshot, 204, comes before it is applied. What follows, with a lone node of
   * the same shape, on both products: for 6 s no answer at all, then sealed, and the old shares
   * open it; one that opens itself is back with the old cluster's id. Nothing else than that id,
   * behind the old shares, says that it took effect.
   *
   * Killed in here, the next process sees in the journal whether a snapshot was submitted. If so it
   * looks whether that took effect, and only when it did not, empties the node and begins anew: a
   * snapshot is submitted to one storage at most once.
   */
  static final String SUBMISSION = "submission";

  private static final Duration POLL = Duration.ofMillis(100);

  /// Longer than a node is silent while it applies.
  private static final Duration SETTLED = Duration.ofSeconds(8);

  private static final Duration SILENT = Duration.ofMillis(500);
  private static final Duration SUBMIT = Duration.ofHours(1);
  private static final String ANSWER = "answer";
  private static final String REFUSED = "refused";
  private static final String WITHOUT_EFFECT = "without effect";
  static final String THROWAWAY = "throwaway-cluster";

  private final Node node;
  private final String run;
  private final ClusterOrder order;
  private final Work work;
  private final Act.Plain lastLook;

  /// @param lastLook just before the snapshot is submitted
  FirstNode(Node node, String run, ClusterOrder order, Work work, Act.Plain lastLook) {
    this.node = node;
    this.lastLook = lastLook;
    this.run = run;
    this.order = order;
    this.work = work;
  }

  @Override
  public String name() {
    return "restore into " + node;
  }

  @Override
  public String text() {
    Manifest.Seal seal = manifest().seal();
    return "start %s, initialise it for a moment, submit the snapshot%s, open it with %s, see it"
            .formatted(
                node,
                order.force() ? " by force" : "",
                shamir() ? "%d old shares".formatted(seal.threshold()) : "its own key")
        + " lead";
  }

  private Manifest manifest() {
    return order.source().manifest();
  }

  private boolean shamir() {
    return manifest().seal().type().equals("shamir");
  }

  @Override
  public Map<String, String> run(Notes notes) throws InterruptedException {
    Map<String, String> noted = notes.all();
    int before = Integer.parseInt(noted.getOrDefault(SUBMISSION, "0"));
    boolean took = false;
    if (before > 0 && !Set.of(REFUSED, WITHOUT_EFFECT).contains(noted.getOrDefault(ANSWER, ""))) {
      took = restored(tookEffect(noted.getOrDefault(THROWAWAY, ""), SETTLED));
    }
    if (!took) {
      submit(notes, before + 1);
    }
    if (!shamir()) {
      // It opened itself without a restart, and answers joining nodes with the TLS keys of the
      // throw-away: "unrecognized name" (OpenBao 2.7.2).
      node.restart();
      var _ = node.open(List.of());
    }
    node.awaitLeads();
    Map<String, String> facts = new TreeMap<>();
    facts.put("submissions", String.valueOf(took ? before : before + 1));
    facts.put("index", String.valueOf(node.appliedIndex()));
    return facts;
  }

  private void submit(Notes notes, int submission) throws InterruptedException {
    Path snapshot = work.fetch(order.source());
    beginEmpty(submission);
    lastLook.run();
    Secret token = initialise();
    node.awaitLeads();
    String throwaway = node.api().sealStatus().clusterId().orElse("");
    Map<String, String> note = new TreeMap<>();
    note.put(SUBMISSION, String.valueOf(submission));
    note.put(THROWAWAY, throwaway);
    note.put(ANSWER, "not known yet");
    notes.add(note);
    notes.add(Map.of(ANSWER, send(snapshot, token, notes)));
    if (!restored(tookEffect(throwaway, node.bound()))) {
      notes.add(Map.of(ANSWER, WITHOUT_EFFECT));
      throw RestoreException.failed(
          "%s has answered to the snapshot and still holds what it held before\nhint: %s"
              .formatted(node, "see its log; the same command empties it and submits anew"));
    }
  }

  /// Wrong shares are no reason to submit anew: the right ones open what is there.
  private boolean restored(Effect effect) {
    return switch (effect) {
      case RESTORED -> true;
      case NONE -> false;
      case WRONG_SHARES ->
          throw RestoreException.failed(
              "the snapshot is in %s, and these shares do not open it\nhint: %s"
                  .formatted(
                      node,
                      "they are of another key: of a rekey after this backup was taken (%s), or of"
                              .formatted(manifest().takenAt())
                          + " another cluster: the same command again with the right ones. If they"
                          + " are, the server was restarted too early: lifeboat restore abandon,"
                          + " and begin anew"));
    };
  }

  /// Whatever a process before this one left in it is a throw-away or half a restore.
  private void beginEmpty(int submission) throws InterruptedException {
    if (node.running()) {
      node.stop();
    }
    if (node.storage().holdsData()) {
      node.storage().quarantine(ClusterRestore.quarantine(run, "-" + submission));
    }
    SealStatus status = node.start();
    if (status.initialized()) {
      throw RestoreException.failed(
          "%s was emptied, and has data again\nhint: %s"
              .formatted(
                  node,
                  "does it join a cluster that still runs? is %s.storage its folder?"
                      .formatted(node.config().key())));
    }
    ServerCheck.require(node.id(), status, manifest());
  }

  /// @return the root token of the moment; void when the snapshot is applied
  private Secret initialise() throws InterruptedException {
    Manifest.Seal seal = manifest().seal();
    String kind = shamir() ? "secret" : "recovery";
    JsonNode init =
        RootWrite.require(
            node.api(),
            Optional.empty(),
            "sys/init",
            Map.of(kind + "_shares", seal.shares(), kind + "_threshold", seal.threshold()));
    if (shamir()) {
      List<Share> shares = new ArrayList<>();
      for (JsonNode key : init.path("keys_base64")) {
        Share.parse(key.asString(""), "sys/init", Kind.UNSEAL).ifPresent(shares::add);
      }
      var _ = new Unsealing(node.api()).open(shares, false);
    }
    return new Secret(init.path("root_token").asString(""));
  }

  /// @return what it answered; `lost` when it is not known whether it took it
  private String send(Path snapshot, Secret token, Notes notes) throws InterruptedException {
    try {
      BodyPublisher body = BodyPublishers.ofFile(snapshot);
      String path = "sys/storage/raft/snapshot" + (order.force() ? "-force" : "");
      return String.valueOf(node.api().send(path, token, body, SUBMIT));
    } catch (VaultException e) {
      return switch (e.reason()) {
        case UNREACHABLE, TIMEOUT, TRUNCATED, STALLED, NOT_JSON, SERVER_ERROR, SEALED -> "lost";
        default -> {
          notes.add(Map.of(ANSWER, REFUSED));
          throw refused(e);
        }
      };
    } catch (FileNotFoundException e) {
      throw RestoreException.failed("%s is gone while it was submitted".formatted(snapshot));
    }
  }

  private RestoreException refused(VaultException e) {
    return RestoreException.failed(
        "%s refuses the snapshot: %s\nhint: %s"
            .formatted(
                node,
                e.sentence(),
                order.force()
                    ? "see its log: it looks into the snapshot before it answers"
                    : "a node that is sealed by another key than the cluster was takes it only with"
                        + " --force"));
  }

  private enum Effect {
    RESTORED,
    WRONG_SHARES,
    NONE
  }

  /// What it says decides. One that says nothing is given all the time there is, and then left as
  /// it is: it may be applying still.
  ///
  /// @param patience how long it may answer as if nothing had come
  private Effect tookEffect(String throwaway, Duration patience) throws InterruptedException {
    boolean died = revived();
    boolean restarted = died;
    long deadline = System.nanoTime() + node.bound().toNanos();
    long unchanged = System.nanoTime();
    while (System.nanoTime() < deadline) {
      Optional<SealStatus> status = node.look();
      if (status.isEmpty()) {
        unchanged = System.nanoTime();
        Thread.sleep(SILENT);
        died |= revived();
        restarted |= died;
      } else if (!status.get().initialized()) {
        return Effect.NONE;
      } else if (status.get().sealed() && shamir()) {
        if (node.open(order.shares())) {
          continue;
        }
        if (died) {
          // It died with the snapshot in its hand, and may hold its throw-away still: nothing is
          // lost by emptying it once more.
          return Effect.NONE;
        }
        if (restarted) {
          return Effect.WRONG_SHARES;
        }
        // It may still hold the seal of what it was (T33).
        node.restart();
        restarted = true;
      } else if (status.get().clusterId().filter(manifest().cluster().id()::equals).isPresent()) {
        return Effect.RESTORED;
      } else if (!status.get().clusterId().filter(throwaway::equals).isPresent()) {
        unchanged = System.nanoTime();
      } else if (System.nanoTime() - unchanged > patience.toNanos()) {
        return Effect.NONE;
      }
      Thread.sleep(POLL);
    }
    if (System.nanoTime() - unchanged > POLL.toNanos() * 2) {
      return Effect.NONE;
    }
    throw RestoreException.failed(
        "%s has taken the snapshot and says nothing of it after %d s\nhint: %s"
            .formatted(
                node,
                node.bound().toSeconds(),
                "it may be applying it still: nothing was undone; the same command looks again;"
                    + " restore.start-timeout is how long it waits"));
  }

  /// A server that died meanwhile is started again: what it has on its disk counts.
  private boolean revived() throws InterruptedException {
    if (node.running()) {
      return false;
    }
    var _ = node.start();
    return true;
  }
}
