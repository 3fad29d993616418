package dev.lifeboat.backup;

import dev.lifeboat.archive.ArchiveException;
import dev.lifeboat.archive.Container;
import dev.lifeboat.archive.KitBox;
import dev.lifeboat.keys.DataKey;
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
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// What the stores hold, read from them each time and remembered nowhere else.
public final class Catalogue {
  private final List<Store> stores;
  private final TrustedSigners signers;
  private final InstantSource clock;
  private final Readers readers;
  private final Memory memory;

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
    this(stores, signers, clock, readers, new Memory());
  }

  /// @param memory of these signers; what it knows is not read again
  public Catalogue(
      List<Store> stores,
      TrustedSigners signers,
      InstantSource clock,
      Readers readers,
      Memory memory) {
    this.memory = memory;
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

  /// The same, for those who would rather have the part that can be read.
  public Survey survey() {
    return read(_ -> true).survey();
  }

  /// [#survey] and, of the same reading, what the retention of each store makes of it. A store that
  /// could not be read has no plan.
  ///
  /// @param policies by store
  public Overview overview(Map<String, RetentionPolicy> policies) {
    Reading reading = read(_ -> true);
    Expiry expiry = new Expiry(signers, readers, clock, Milestones.NONE, memory);
    Map<String, RetentionPlan> plans = new TreeMap<>();
    reading
        .holdings()
        .forEach(
            (store, holdings) ->
                plans.put(
                    store,
                    expiry.plan(holdings, policies.getOrDefault(store, RetentionPolicy.FOR_EVER))));
    return new Overview(reading.survey(), plans);
  }

  /// What was read of every store, by its name, and what could not be.
  private record Reading(
      Map<String, List<Holding>> holdings, Map<String, StoreException> failures) {
    Survey survey() {
      List<Holding> all = holdings.values().stream().flatMap(List::stream).toList();
      NavigableMap<String, List<Holding>> copies = new TreeMap<>();
      all.forEach(
          copy -> copies.computeIfAbsent(backup(copy, all), _ -> new ArrayList<>()).add(copy));
      List<Entry> entries = new ArrayList<>();
      copies.descendingMap().forEach((id, of) -> entries.add(entry(id, of)));
      return new Survey(entries, failures);
    }

    /// A damaged manifest of a slot does not say whose it is, but that of another store may: unless
    /// this store has that backup as well.
    private static String backup(Holding copy, List<Holding> all) {
      if (copy.id().isPresent()) {
        return copy.key();
      }
      return all.stream()
          .filter(other -> other.object().equals(copy.object()))
          .filter(other -> other.manifest().trusted().isPresent())
          .map(Holding::key)
          .filter(
              id ->
                  all.stream()
                      .noneMatch(own -> own.store().equals(copy.store()) && own.key().equals(id)))
          .findFirst()
          .orElse(copy.key());
    }
  }

  /// @param wanted by the name of the manifest
  private Reading read(Predicate<String> wanted) {
    Map<String, List<Holding>> holdings = new LinkedHashMap<>();
    Map<String, StoreException> failures = new TreeMap<>();
    for (Store store : stores) {
      try {
        holdings.put(store.name(), Holding.readAll(store, signers, wanted, memory));
      } catch (StoreException e) {
        failures.put(store.name(), e);
      }
    }
    return new Reading(holdings, failures);
  }

  /// A trusted copy speaks for the backup; what is wrong with another copy is for verify to say.
  private static Entry entry(String id, List<Holding> copies) {
    Holding best =
        copies.stream()
            .filter(copy -> copy.manifest().trusted().isPresent())
            .findFirst()
            .orElse(copies.getFirst());
    Map<String, String> manifests = new LinkedHashMap<>();
    copies.forEach(copy -> manifests.put(copy.store().name(), copy.object()));
    return new Entry(
        id,
        manifests,
        best.manifest().claimed(),
        best.manifest().trouble(),
        checks(copies),
        copies.stream().mapToInt(Holding::keys).min().orElse(0));
  }

  private static Map<String, Check> checks(List<Holding> copies) {
    Map<String, Check> checks = new TreeMap<>();
    copies.forEach(copy -> copy.check().ifPresent(check -> checks.put(copy.store().name(), check)));
    return checks;
  }

  /// The backup with this id or, when only one does, whose id or whose manifest's name begins so.
  public Optional<Entry> find(String id) {
    if (id.isEmpty()) {
      return Optional.empty();
    }
    // The name of a scheduled backup's manifest does not say its id: all of those are read.
    Survey survey =
        read(object -> ManifestName.idIn(object).isEmpty() || object.startsWith(id)).survey();
    List<Entry> found =
        survey.entries().stream()
            .filter(
                entry ->
                    entry.id().startsWith(id)
                        || entry.manifests().values().stream().anyMatch(o -> o.startsWith(id)))
            .toList();
    if (found.size() == 1) {
      return Optional.of(found.getFirst());
    }
    if (found.isEmpty() && !survey.failures().isEmpty()) {
      throw survey.failures().values().iterator().next();
    }
    return Optional.empty();
  }

  /// Reads everything of one backup back from every store it is in. With an identity decrypts and
  /// verifies the archive, without one checks signatures and the stored SHA-256. Remembers nothing:
  /// [Checks#write] does.
  ///
  /// @throws KeyException with `WRONG_KEY` when the backup was never encrypted to this identity
  public Verification verify(Entry entry, Optional<? extends Opener> identity) {
    List<Store> holding =
        stores.stream().filter(store -> entry.stores().contains(store.name())).toList();
    if (!BackupId.isId(entry.id())) {
      return nameless(entry, identity);
    }
    try (var _ = readers.begin(entry.id())) {
      return new Verifier(entry, holding, signers, identity, clock.instant()).verify();
    }
  }

  /// Nothing but the manifest can be looked at, and that is wrong.
  private Verification nameless(Entry entry, Optional<? extends Opener> identity) {
    List<Finding> findings = new ArrayList<>();
    entry
        .manifests()
        .forEach(
            (store, object) ->
                findings.add(new Finding(store, object, entry.trouble().orElse("not trusted"))));
    Depth depth = identity.isPresent() ? Depth.ARCHIVE : Depth.STORED_BYTES;
    return new Verification(entry.id(), depth, findings, 0, clock.instant(), List.of());
  }

  /// Writes the plain snapshot, verified to its end; what was written before a failure is no
  /// snapshot and must be thrown away.
  ///
  /// @throws KeyException when the manifest cannot be trusted, or with `WRONG_KEY` when this
  ///   identity does not open it
  public void extract(Entry entry, Opener identity, OutputStream plain) {
    Manifest manifest = trusted(entry);
    BackupId id = new BackupId(entry.id());
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

  /// The recovery kit of a backup, from the first store whose copy is the one of the manifest;
  /// empty when it has none.
  ///
  /// @throws KeyException as [#extract]
  public Optional<Kit.Opened> kit(Entry entry, Opener identity) {
    return kitTar(entry, identity).flatMap(tar -> Kit.parse(KitBox.files(tar)));
  }

  private Optional<byte[]> kitTar(Entry entry, Opener identity) {
    Manifest manifest = trusted(entry);
    if (manifest.kit().isEmpty()) {
      return Optional.empty();
    }
    BackupId id = new BackupId(entry.id());
    StoreException missing = null;
    for (Store store : stores) {
      if (!entry.stores().contains(store.name())) {
        continue;
      }
      try (DataKey key = new KeyDocuments(store, id, signers).dataKey(identity)) {
        byte[] box = store.read(id.kit(), KitBox.BYTES_MAX);
        if (StoredHash.of(box).matches(manifest.kit().get().stored())) {
          return Optional.of(KitBox.tar(box, key, id.text()));
        }
      } catch (StoreException e) {
        missing = e;
      }
    }
    throw missing != null
        ? missing
        : new ArchiveException(
            ArchiveException.Reason.CHECKSUM,
            "the recovery kit of backup %s is not the one of its manifest".formatted(id)
                + "\nhint: lifeboat verify %s names what is wrong".formatted(id));
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

  /// @param id of the backup; the name of its manifest when that is so damaged that it does not say
  ///   whose it is
  /// @param manifests the name of the manifest in each store that has one
  /// @param manifest what it claims, when it can be parsed at all
  /// @param trouble why it cannot be trusted; empty when signed by a pinned key
  /// @param checks by store: what the newest trusted record of a verification says
  /// @param keys for how many recipients its data key lies there, in the store that has the fewest
  public record Entry(
      String id,
      Map<String, String> manifests,
      Optional<Manifest> manifest,
      Optional<String> trouble,
      Map<String, Check> checks,
      int keys) {
    public Entry {
      manifests = Collections.unmodifiableMap(new LinkedHashMap<>(manifests));
      checks = Collections.unmodifiableMap(new TreeMap<>(checks));
    }

    public List<String> stores() {
      return List.copyOf(manifests.keySet());
    }

    /// When it was last read back, in words: once where all stores agree, `when taken` where no
    /// store has a record of it, for a manifest is only written after its data was read back.
    public String verified() {
      List<String> stores = stores();
      List<String> words =
          stores.stream()
              .map(store -> Optional.ofNullable(checks.get(store)))
              .map(check -> check.map(Check::words).orElse("when taken"))
              .toList();
      if (words.stream().distinct().count() == 1) {
        return words.getFirst();
      }
      return IntStream.range(0, words.size())
          .mapToObj(i -> stores.get(i) + ": " + words.get(i))
          .collect(Collectors.joining("; "));
    }

    /// One with a key for each recipient of its manifest.
    public Entry(
        String id,
        Map<String, String> manifests,
        Optional<Manifest> manifest,
        Optional<String> trouble,
        Map<String, Check> checks) {
      this(
          id,
          manifests,
          manifest,
          trouble,
          checks,
          manifest.map(m -> m.recipients().size()).orElse(0));
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
    ARCHIVE;

    /// `stored_bytes` or `archive`.
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// @param copies of each store
  public record Verification(
      String id,
      Depth depth,
      List<Finding> findings,
      long bytesRead,
      Instant at,
      List<Copy> copies) {
    public Verification {
      findings = List.copyOf(findings);
      copies = List.copyOf(copies);
    }

    public boolean good() {
      return findings.isEmpty();
    }
  }

  /// What a verification made of a backup in one store.
  ///
  /// @param finished false when the store did not let it be read to its end: then nothing is known
  ///   of the copy, whatever the findings say
  /// @param records the names of the records of earlier verifications there
  public record Copy(
      String store,
      Depth depth,
      List<Finding> findings,
      long bytesRead,
      Duration took,
      boolean finished,
      List<String> records) {
    public Copy {
      findings = List.copyOf(findings);
      records = List.copyOf(records);
    }
  }

  /// @param object the name of the object that is wrong; @param store where
  public record Finding(String store, String object, String message) {}
}
