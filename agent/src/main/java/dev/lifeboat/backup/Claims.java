package dev.lifeboat.backup;

import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.schedule.Slot;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The claims of one slot in the coordination store, as one node sees and makes them.
///
/// They keep two nodes from working at one slot, no more: that only one backup of it can be stored
/// is the work of [Fence], and holds without them.
final class Claims {
  /*
   * A claim is never changed or taken back by deleting it: MinIO does not look at the If-Match of a
   * DELETE, and a folder or an SFTP server has nothing like it. Whoever has something to say puts
   * the next number, which the store gives to one only. Deleted are claims of a slot whose manifest
   * is there, for then they decide nothing, and those of a week ago.
   *
   * The lease is counted on the store's own clock, from when it stored the claim. What nobody
   * trusted has signed takes up a number and decides nothing, so that whoever can write into the
   * store, but has no signing key, cannot hold a slot up by it.
   */
  private static final System.Logger logger = System.getLogger(Claims.class.getName());
  private static final Duration DEAD_AFTER = Duration.ofDays(7);
  private static final int ATTEMPTS = 5;

  /// Who speaks.
  ///
  /// @param node its name in the configuration
  record Self(String node, SigningKey signing, TrustedSigners trusted, ClaimConfig config) {}

  /// @param signer who signed it
  /// @param at when it was stored, by the clock of the store
  private record Said(Claim claim, String signer, Instant at) {}

  /// @param highest number there is; 0: none
  /// @param last of those that can be trusted
  private record Standing(int highest, Optional<Said> last) {}

  /// Thrown when the slot is another node's for now, or this node has yielded it to the others.
  static final class HeldElsewhere extends RuntimeException {
    private final String node;
    private final Duration again;

    HeldElsewhere(String node, Duration again) {
      super("the node %s has the slot for %d s more".formatted(node, again.toSeconds()));
      this.node = node;
      this.again = again;
    }

    /// Whose it is.
    String node() {
      return node;
    }

    /// When to ask again.
    Duration again() {
      return again;
    }
  }

  private final Store store;
  private final Self self;
  private final Slot slot;

  Claims(Store store, Self self, Slot slot) {
    this.store = store;
    this.self = self;
    this.slot = slot;
  }

  /// From now on the slot is this node's, until [Held#close] or until it is silent for a lease.
  ///
  /// @throws HeldElsewhere when it is another's
  Held take(BackupId run) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Standing standing = standing(store.list());
      refusal(standing)
          .ifPresent(
              refusal -> {
                throw refusal;
              });
      int failures = standing.last().filter(this::isOurs).map(s -> s.claim().failures()).orElse(0);
      Claim claim = claim(standing.highest() + 1, Claim.State.HELD, run, failures);
      if (put(claim)) {
        return new Held(run, claim);
      }
    }
    // Each time somebody else had the next number: they are awake.
    throw new HeldElsewhere("another", Duration.ofSeconds(1));
  }

  /// For the agent beside a standby: the active node comes first.
  ///
  /// @param waited for how long the slot has been due and without a backup, as far as this node has
  ///   seen it
  StandIn standIn(Duration waited) {
    List<Store.StoredObject> objects = store.list();
    String manifest = ManifestName.of(slot.schedule(), slot.at());
    if (objects.stream().anyMatch(each -> each.name().equals(manifest))) {
      return StandIn.DONE;
    }
    Standing standing = standing(objects);
    if (refusal(standing).isPresent()) {
      return StandIn.WAIT;
    }
    boolean yielded =
        standing.last().stream()
            .anyMatch(said -> !isOurs(said) && said.claim().state() == Claim.State.YIELDED);
    return yielded || waited.compareTo(self.config().standbyAfter()) >= 0
        ? StandIn.TAKE
        : StandIn.WAIT;
  }

  private Standing standing(List<Store.StoredObject> objects) {
    String stem = ManifestName.stem(slot.schedule(), slot.at());
    List<Store.StoredObject> newestFirst =
        objects.stream()
            .filter(each -> number(each.name(), stem) > 0)
            .sorted(
                Comparator.comparingInt((Store.StoredObject each) -> number(each.name(), stem))
                    .reversed())
            .toList();
    int highest = newestFirst.isEmpty() ? 0 : number(newestFirst.getFirst().name(), stem);
    return new Standing(
        highest, newestFirst.stream().map(this::read).flatMap(Optional::stream).findFirst());
  }

  private static int number(String object, String stem) {
    return Claim.Name.parse(object)
        .filter(name -> name.stem().equals(stem))
        .map(Claim.Name::number)
        .orElse(0);
  }

  private Optional<Said> read(Store.StoredObject object) {
    try {
      var opened = self.trusted().open(store.read(object.name(), Claim.BYTES_MAX));
      Claim claim = Claim.parse(opened.content());
      String itsName = Claim.Name.of(slot, claim.number()).object();
      return claim.slot().equals(slot.at()) && itsName.equals(object.name())
          ? Optional.of(new Said(claim, opened.signer().id(), object.modified()))
          : Optional.empty();
    } catch (KeyException | IllegalArgumentException e) {
      logger.log(
          System.Logger.Level.INFO,
          "event=claim_ignored store=%s object=%s why=\"%s\""
              .formatted(store.name(), object.name(), SignedManifest.sentence(e)));
      return Optional.empty();
    } catch (StoreException e) {
      if (e.reason() == StoreException.Reason.UNAVAILABLE) {
        throw e;
      }
      return Optional.empty();
    }
  }

  private Optional<HeldElsewhere> refusal(Standing standing) {
    if (standing.last().isEmpty()) {
      return Optional.empty();
    }
    Said last = standing.last().get();
    Duration left =
        switch (last.claim().state()) {
          // Ours, but not this run's: of a process that is dead, since the spool has one at a time.
          case HELD -> isOurs(last) ? Duration.ZERO : left(last);
          case RELEASED -> Duration.ZERO;
          case YIELDED -> isOurs(last) ? left(last) : Duration.ZERO;
        };
    return left.isPositive()
        ? Optional.of(new HeldElsewhere(isOurs(last) ? "other" : last.claim().node(), left))
        : Optional.empty();
  }

  private boolean isOurs(Said said) {
    return said.claim().node().equals(self.node())
        && said.signer().equals(self.signing().signer().id());
  }

  private Duration left(Said said) {
    Duration left = Duration.between(store.now(), said.at()).plus(said.claim().lease());
    // Stored in the future: the store's clock was set back. Nobody waits for that.
    return left.compareTo(ClaimConfig.LEASE_MAX) > 0 ? Duration.ZERO : left;
  }

  private Claim claim(int number, Claim.State state, BackupId run, int failures) {
    return new Claim(
        slot.schedule(),
        slot.at(),
        number,
        state,
        self.node(),
        run.text(),
        self.config().lease(),
        failures);
  }

  /// False when another has the number.
  private boolean put(Claim claim) {
    String object = Claim.Name.of(slot, claim.number()).object();
    byte[] document = self.signing().sign(claim.toJson());
    try {
      store.putControl(object, document);
      return true;
    } catch (StoreException e) {
      if (e.reason() != StoreException.Reason.EXISTS) {
        throw e;
      }
      // The answer of a put may have been lost, and the put tried again.
      return Arrays.equals(store.read(object, Claim.BYTES_MAX), document);
    }
  }

  /// Deletes what decides nothing any more: claims of slots whose manifest is there, and old ones.
  /// In a store where nobody may delete they stay, and harm nobody.
  static void sweep(Store store, List<Store.StoredObject> objects, Instant now) {
    Set<String> names = objects.stream().map(Store.StoredObject::name).collect(Collectors.toSet());
    try {
      for (Store.StoredObject object : objects) {
        Claim.Name.parse(object.name())
            .filter(
                name ->
                    names.contains(name.manifest())
                        || object.modified().plus(DEAD_AFTER).isBefore(now))
            .ifPresent(_ -> store.delete(object.name()));
      }
    } catch (StoreException e) {
      if (e.reason() != StoreException.Reason.DENIED) {
        throw e;
      }
      logger.log(
          System.Logger.Level.INFO,
          "event=claims_stay store=%s why=\"%s\""
              .formatted(store.name(), SignedManifest.sentence(e)));
    }
  }

  /// A slot that is this node's. Renewed by a thread of its own every third of the lease.
  final class Held implements AutoCloseable {
    private final BackupId run;
    private final Thread renewing;
    private Claim last;
    private long saidAt = System.nanoTime();
    private Optional<HeldElsewhere> lost = Optional.empty();
    private boolean closed;

    private Held(BackupId run, Claim first) {
      this.run = run;
      this.last = first;
      this.renewing = Thread.ofVirtual().name("claim").start(this::keep);
    }

    private void keep() {
      try {
        while (true) {
          Thread.sleep(self.config().lease().dividedBy(3));
          renew();
        }
      } catch (InterruptedException e) {
        // Closed.
      }
    }

    private synchronized void renew() {
      if (closed || lost.isPresent()) {
        return;
      }
      try {
        say(Claim.State.HELD, last.failures());
      } catch (StoreException e) {
        logger.log(
            System.Logger.Level.WARNING,
            "event=claim_not_renewed store=%s backup=%s message=\"%s\""
                .formatted(store.name(), run, SignedManifest.sentence(e)));
      }
    }

    private void say(Claim.State state, int failures) {
      Claim next = claim(last.number() + 1, state, run, failures);
      if (put(next)) {
        last = next;
        saidAt = System.nanoTime();
      } else {
        // A lease of ours ended, this machine slept or the store was away, and another was quicker.
        String by = standing(store.list()).last().map(s -> s.claim().node()).orElse("another");
        lost = Optional.of(new HeldElsewhere(by, Duration.ofSeconds(1)));
      }
    }

    /// Asked before what is expensive or final. A process that was stopped for a while asks the
    /// store first.
    ///
    /// @throws HeldElsewhere when another node has taken the slot over
    synchronized void require() {
      if (System.nanoTime() - saidAt >= self.config().lease().dividedBy(2).toNanos()) {
        renew();
      }
      lost.ifPresent(
          elsewhere -> {
            throw elsewhere;
          });
    }

    /// The run failed. So often that the others are to try, or else this node tries again.
    ///
    /// @param counts false for a run that was only told to stop
    void failed(boolean counts) {
      close();
      synchronized (this) {
        if (lost.isPresent()) {
          return;
        }
        int failures = last.failures() + (counts ? 1 : 0);
        boolean yields = counts && failures >= self.config().yieldAfter();
        try {
          say(yields ? Claim.State.YIELDED : Claim.State.RELEASED, failures);
          if (yields) {
            logger.log(
                System.Logger.Level.WARNING,
                "event=slot_yielded schedule=%s slot=%s failures=%d lease_s=%d"
                    .formatted(
                        slot.schedule(), slot.at(), failures, self.config().lease().toSeconds()));
          }
        } catch (StoreException e) {
          // The lease ends by itself.
          logger.log(System.Logger.Level.INFO, "event=claim_not_released backup=" + run, e);
        }
      }
    }

    /// The slot has its backup, whoever took it.
    void done() {
      close();
      try {
        String stem = ManifestName.stem(slot.schedule(), slot.at());
        store.list().stream()
            .map(Store.StoredObject::name)
            .filter(object -> number(object, stem) > 0)
            .forEach(store::delete);
      } catch (StoreException e) {
        // The next sweep deletes them.
        logger.log(System.Logger.Level.INFO, "event=claims_stay backup=" + run, e);
      }
    }

    @Override
    public void close() {
      renewing.interrupt();
      synchronized (this) {
        closed = true;
      }
    }
  }
}
