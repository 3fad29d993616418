package dev.lifeboat.backup;

import dev.lifeboat.archive.ArchiveException;
import dev.lifeboat.archive.Container;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.Opener;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.retention.RetentionPlan;
import dev.lifeboat.retention.RetentionPolicy;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/// What the stores hold, read from them each time and remembered nowhere else.
public final class Catalogue {
  private final List<Store> stores;
  private final TrustedSigners signers;
  private final InstantSource clock;
  private final Readers readers;

  public Catalogue(List<Store> stores, TrustedSigners signers) {
    this(stores, signers, InstantSource.system());
  }

  /// @param clock says when a verification was made
  public Catalogue(List<Store> stores, TrustedSigners signers, InstantSource clock) {
    this(stores, signers, clock, new Readers());
  }

  /// @param readers is told of every backup that is read to its end
  public Catalogue(
      List<Store> stores, TrustedSigners signers, InstantSource clock, Readers readers) {
    this.stores = List.copyOf(stores);
    this.signers = signers;
    this.clock = clock;
    this.readers = readers;
  }

  /// Every manifest of every store, newest first; those that cannot be trusted are listed with why.
  /// A store that cannot be read is a [StoreException]: half a list would look like a whole one.
  public List<Entry> list() {
    Survey survey = survey();
    if (!survey.failures().isEmpty()) {
      throw survey.failures().values().iterator().next();
    }
    return survey.entries();
  }

  /// The same without those of the stores that may fail and do.
  public List<Entry> list(Predicate<String> mayFail) {
    Survey survey = survey();
    survey
        .failures()
        .forEach(
            (store, failure) -> {
              if (!mayFail.test(store)) {
                throw failure;
              }
              System.getLogger(Catalogue.class.getName())
                  .log(
                      System.Logger.Level.WARNING,
                      "event=store_unreadable store=%s reason=%s"
                          .formatted(store, failure.reason().label()));
            });
    return survey.entries();
  }

  /// The same, for those who would rather have the part that can be read.
  public Survey survey() {
    return survey(_ -> true);
  }

  private Survey survey(Predicate<BackupId> wanted) {
    return read(wanted).survey();
  }

  /// [#survey] and, of the same reading, what the retention of each store makes of it. A store that
  /// could not be read has no plan.
  ///
  /// @param policies by store
  public Overview overview(Map<String, RetentionPolicy> policies) {
    Reading reading = read(_ -> true);
    Expiry expiry = new Expiry(signers, readers, clock, Milestones.NONE);
    Map<String, RetentionPlan> plans = new TreeMap<>();
    reading
        .holdings()
        .forEach(
            (store, holdings) ->
                plans.put(
                    store,
                    expiry.plan(
                        holdings, policies.getOrDefault(store, RetentionPolicy.FOR_EVER), false)));
    return new Overview(reading.survey(), plans);
  }

  /// What was read of every store, by its name, and what could not be.
  private record Reading(
      Map<String, List<Holding>> holdings, Map<String, StoreException> failures) {
    Survey survey() {
      NavigableMap<BackupId, List<Holding>> copies = new TreeMap<>();
      holdings.values().stream()
          .flatMap(List::stream)
          .forEach(copy -> copies.computeIfAbsent(copy.id(), _ -> new ArrayList<>()).add(copy));
      return new Survey(
          copies.descendingMap().values().stream().map(Catalogue::entry).toList(), failures);
    }
  }

  private Reading read(Predicate<BackupId> wanted) {
    Map<String, List<Holding>> holdings = new LinkedHashMap<>();
    Map<String, StoreException> failures = new TreeMap<>();
    for (Store store : stores) {
      try {
        holdings.put(store.name(), Holding.readAll(store, signers, wanted));
      } catch (StoreException e) {
        failures.put(store.name(), e);
      }
    }
    return new Reading(holdings, failures);
  }

  /// A trusted copy speaks for the backup; what is wrong with another copy is for verify to say.
  private static Entry entry(List<Holding> copies) {
    Holding best =
        copies.stream()
            .filter(copy -> copy.manifest().trusted().isPresent())
            .findFirst()
            .orElse(copies.getFirst());
    return new Entry(
        best.id().text(),
        copies.stream().map(copy -> copy.store().name()).toList(),
        best.manifest().claimed(),
        best.manifest().trouble(),
        copies.stream().mapToInt(Holding::keys).min().orElse(0));
  }

  /// The backup with this id, or whose id begins so when only one does.
  public Optional<Entry> find(String id) {
    Survey survey = survey(candidate -> !id.isEmpty() && candidate.text().startsWith(id));
    if (survey.entries().size() == 1) {
      return Optional.of(survey.entries().getFirst());
    }
    if (survey.entries().isEmpty() && !survey.failures().isEmpty()) {
      throw survey.failures().values().iterator().next();
    }
    return Optional.empty();
  }

  /// Reads everything of one backup back from every store it is in. With an identity decrypts and
  /// verifies the archive, without one checks signatures and the stored SHA-256. Remembers nothing.
  ///
  /// @throws KeyException with `WRONG_KEY` when the backup was never encrypted to this identity
  public Verification verify(Entry entry, Optional<? extends Opener> identity) {
    List<Store> holding =
        stores.stream().filter(store -> entry.stores().contains(store.name())).toList();
    try (var _ = readers.begin(entry.id())) {
      return new Verifier(new BackupId(entry.id()), holding, signers, identity, clock.instant())
          .verify();
    }
  }

  /// Writes the plain snapshot, verified to its end; what was written before a failure is no
  /// snapshot and must be thrown away.
  ///
  /// @throws KeyException when the manifest cannot be trusted, or with `WRONG_KEY` when this
  ///   identity does not open it
  public void extract(Entry entry, Opener identity, OutputStream plain) {
    BackupId id = new BackupId(entry.id());
    Manifest manifest = trusted(entry);
    Store store = wholeCopy(entry, id, identity, manifest);
    KeyDocuments keys = new KeyDocuments(store, id, signers);
    try (var _ = readers.begin(entry.id());
        var key = keys.dataKey(identity);
        InputStream file = store.open(id.data())) {
      Container.Sealed found = Container.open(file, plain, key, id.text());
      if (!found.facts().plainSha256().equals(manifest.plain().sha256())) {
        throw new ArchiveException(
            ArchiveException.Reason.CHECKSUM,
            "backup %s holds another snapshot than its manifest says".formatted(id)
                + "\nhint: lifeboat verify %s names what is wrong".formatted(id));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Manifest trusted(Entry entry) {
    if (entry.trouble().isPresent() || entry.manifest().isEmpty()) {
      throw new KeyException(
          KeyException.Reason.UNKNOWN_SIGNER,
          "backup %s cannot be trusted: %s"
                  .formatted(entry.id(), entry.trouble().orElse("it has no manifest"))
              + "\nhint: restore only what a node of yours has signed");
    }
    return entry.manifest().get();
  }

  /// Of several copies one that is whole, since what went into `plain` cannot be taken back; a
  /// single copy is proven while it is written.
  private Store wholeCopy(Entry entry, BackupId id, Opener identity, Manifest manifest) {
    List<Store> holding =
        stores.stream().filter(store -> entry.stores().contains(store.name())).toList();
    if (holding.isEmpty()) {
      throw new StoreException(StoreException.Reason.NOT_FOUND, "no store holds the backup " + id);
    }
    for (Store store : holding.subList(0, holding.size() - 1)) {
      try (var _ = new KeyDocuments(store, id, signers).dataKey(identity)) {
        if (StoredHash.of(store, id.data()).matches(manifest.stored())) {
          return store;
        }
      } catch (StoreException | KeyException e) {
        System.getLogger(Catalogue.class.getName())
            .log(System.Logger.Level.WARNING, "event=copy_skipped store=" + store.name(), e);
      }
    }
    return holding.getLast();
  }

  /// @param manifest what it claims, when it can be parsed at all
  /// @param trouble why it cannot be trusted; empty when signed by a pinned key
  /// @param keys for how many recipients its data key lies there, in the store that has the fewest
  public record Entry(
      String id,
      List<String> stores,
      Optional<Manifest> manifest,
      Optional<String> trouble,
      int keys) {
    public Entry {
      stores = List.copyOf(stores);
    }

    /// One with a key for each recipient of its manifest.
    public Entry(
        String id, List<String> stores, Optional<Manifest> manifest, Optional<String> trouble) {
      this(id, stores, manifest, trouble, manifest.map(m -> m.recipients().size()).orElse(0));
    }
  }

  /// What could be read.
  ///
  /// @param entries newest first
  /// @param failures by store
  public record Survey(List<Entry> entries, Map<String, StoreException> failures) {
    public Survey {
      entries = List.copyOf(entries);
      failures = Collections.unmodifiableMap(new TreeMap<>(failures));
    }
  }

  /// @param plans by store
  public record Overview(Survey survey, Map<String, RetentionPlan> plans) {
    public Overview {
      plans = Collections.unmodifiableMap(new TreeMap<>(plans));
    }
  }

  public enum Depth {
    /// Signatures and the SHA-256 of what is stored.
    STORED_BYTES,
    /// Also decrypted, and the archive inside verified.
    ARCHIVE
  }

  public record Verification(
      String id, Depth depth, List<Finding> findings, long bytesRead, Instant at) {
    public Verification {
      findings = List.copyOf(findings);
    }

    public boolean good() {
      return findings.isEmpty();
    }
  }

  /// @param object the name of the object that is wrong; @param store where
  public record Finding(String store, String object, String message) {}
}
