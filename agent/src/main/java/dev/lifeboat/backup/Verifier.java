package dev.lifeboat.backup;

import dev.lifeboat.archive.ArchiveException;
import dev.lifeboat.archive.ArchiveFacts;
import dev.lifeboat.archive.Container;
import dev.lifeboat.archive.DumpFacts;
import dev.lifeboat.archive.KitBox;
import dev.lifeboat.archive.SnapshotFacts;
import dev.lifeboat.backup.Catalogue.Copy;
import dev.lifeboat.backup.Catalogue.Depth;
import dev.lifeboat.backup.Catalogue.Finding;
import dev.lifeboat.backup.Catalogue.Verification;
import dev.lifeboat.config.ByteSize;
import dev.lifeboat.keys.DataKey;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.Opener;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// One verification of one backup: everything of it is read back from every store it is in, and
/// each thing wrong becomes a [Finding] that names the object.
final class Verifier {
  private static final String DUMP = "a dump of PostgreSQL";

  private final BackupId id;
  private final Map<String, String> manifests;
  private final List<Store> stores;
  private final TrustedSigners signers;
  private final Optional<? extends Opener> identity;
  private final Instant at;
  private final List<Finding> findings = new ArrayList<>();
  private final List<Copy> copies = new ArrayList<>();
  private long bytesRead;
  private boolean unreadable;

  Verifier(
      Catalogue.Entry entry,
      List<Store> stores,
      TrustedSigners signers,
      Optional<? extends Opener> identity,
      Instant at) {
    this.id = new BackupId(entry.id());
    this.manifests = entry.manifests();
    this.stores = stores;
    this.signers = signers;
    this.identity = identity;
    this.at = at;
  }

  Verification verify() {
    requireRecipient();
    stores.forEach(store -> copies.add(copy(store)));
    Depth depth = identity.isPresent() ? Depth.ARCHIVE : Depth.STORED_BYTES;
    return new Verification(id.text(), depth, findings, bytesRead, at, copies);
  }

  private Copy copy(Store store) {
    int findingsBefore = findings.size();
    long bytesBefore = bytesRead;
    long began = System.nanoTime();
    unreadable = false;
    List<String> records = objects(store).stream().filter(id::isCheck).toList();
    Depth depth = verify(store);
    return new Copy(
        store.name(),
        depth,
        findings.subList(findingsBefore, findings.size()),
        bytesRead - bytesBefore,
        Duration.ofNanos(System.nanoTime() - began),
        !unreadable,
        records);
  }

  /// A key that the backup was never encrypted to is the user's mistake, not damage: neither a
  /// store has a key object for it nor a trusted manifest names it.
  private void requireRecipient() {
    if (identity.isEmpty()) {
      return;
    }
    Opener opener = identity.get();
    for (Store store : stores) {
      boolean speaksOf =
          opener.recipientId().isPresent()
              ? speaksOf(store, opener.recipientId().get())
              : new KeyDocuments(store, id, signers).find(opener).isPresent();
      if (speaksOf) {
        return;
      }
    }
    throw new KeyException(
        KeyException.Reason.WRONG_KEY,
        "backup %s was not encrypted to %s".formatted(id, opener.words())
            + "\nhint: lifeboat inspect %s names the recipients".formatted(id));
  }

  private boolean speaksOf(Store store, String recipientId) {
    Set<String> objects = objects(store);
    if (objects.contains(id.key(recipientId))) {
      return true;
    }
    boolean named =
        manifest(store)
            .trusted()
            .map(m -> m.recipients().stream().anyMatch(r -> r.id().equals(recipientId)))
            .orElse(false);
    return named && !objects.contains(id.removed(recipientId));
  }

  private Set<String> objects(Store store) {
    return store.list().stream()
        .map(Store.StoredObject::name)
        .filter(object -> BackupId.ofObject(object).filter(id::equals).isPresent())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private Depth verify(Store store) {
    SignedManifest signed = manifest(store);
    signed.trouble().ifPresent(trouble -> find(store, manifestName(store), trouble));
    // The copy of another store may be the one that says what should be here.
    Optional<Manifest> manifest =
        signed.trusted().or(() -> stores.stream().flatMap(this::trusted).findFirst());
    verifyKeys(store, manifest);
    if (manifest.isEmpty()) {
      return Depth.STORED_BYTES;
    }
    Optional<DataKey> dataKey = dataKey(store);
    Optional<byte[]> kit = manifest.get().kit().flatMap(each -> kit(store, each.stored()));
    if (dataKey.isPresent()) {
      try (DataKey key = dataKey.get()) {
        kit.ifPresent(box -> openKit(store, box, key));
        verifyArchive(store, manifest.get(), key);
      }
      return Depth.ARCHIVE;
    }
    verifyStoredBytes(store, manifest.get());
    return Depth.STORED_BYTES;
  }

  private String manifestName(Store store) {
    return manifests.getOrDefault(store.name(), id.manifest());
  }

  private SignedManifest manifest(Store store) {
    return SignedManifest.read(store, manifestName(store), signers);
  }

  private Stream<Manifest> trusted(Store store) {
    return manifest(store).trusted().stream();
  }

  /// Those that the manifest names must be there, unless a signed document says that they were
  /// taken away; those that are there must be good. A recipient added later is in no manifest, and
  /// fine.
  private void verifyKeys(Store store, Optional<Manifest> manifest) {
    Set<String> objects = objects(store);
    Set<String> keys = new TreeSet<>(objects);
    keys.removeIf(object -> !id.isKey(object));
    manifest.stream()
        .flatMap(m -> m.recipients().stream())
        .map(Manifest.Recipient::id)
        .filter(recipient -> !takenAway(store, objects, recipient))
        .forEach(recipient -> keys.add(id.key(recipient)));
    KeyDocuments documents = new KeyDocuments(store, id, signers);
    for (String object : keys) {
      try {
        var _ = documents.read(id.recipientOf(object));
      } catch (KeyException e) {
        find(store, object, SignedManifest.sentence(e));
      } catch (StoreException e) {
        find(store, object, missingOr(e));
      }
    }
  }

  private boolean takenAway(Store store, Set<String> objects, String recipient) {
    if (!objects.contains(id.removed(recipient))) {
      return false;
    }
    try {
      RemovedKey.read(store, id, recipient, signers);
      return true;
    } catch (KeyException | StoreException e) {
      find(store, id.removed(recipient), SignedManifest.sentence(e));
      return false;
    }
  }

  private Optional<DataKey> dataKey(Store store) {
    if (identity.isEmpty()) {
      return Optional.empty();
    }
    KeyDocuments documents = new KeyDocuments(store, id, signers);
    String object = identity.get().recipientId().map(id::key).orElse(id.manifest());
    try {
      return Optional.of(documents.dataKey(identity.get()));
    } catch (KeyException e) {
      if (e.reason() == KeyException.Reason.KMS) {
        // Says nothing of the backup.
        throw e;
      }
      // What is wrong with the document itself was found with the other keys.
      if (findings.stream()
          .noneMatch(f -> f.store().equals(store.name()) && f.object().equals(object))) {
        find(
            store,
            object,
            "it does not open with its own private key: " + SignedManifest.sentence(e));
      }
    } catch (StoreException e) {
      if (findings.stream()
          .noneMatch(f -> f.store().equals(store.name()) && f.object().equals(object))) {
        find(store, object, missingOr(e));
      }
    }
    return Optional.empty();
  }

  /// As it is stored, when that is what the manifest says.
  private Optional<byte[]> kit(Store store, Manifest.Content expected) {
    try {
      byte[] box = store.read(id.kit(), KitBox.BYTES_MAX);
      bytesRead += box.length;
      StoredHash found = StoredHash.of(box);
      if (found.matches(expected)) {
        return Optional.of(box);
      }
      find(store, id.kit(), difference(found, expected));
    } catch (StoreException e) {
      find(store, id.kit(), missingOr(e));
    }
    return Optional.empty();
  }

  private void openKit(Store store, byte[] box, DataKey key) {
    try {
      if (Kit.parse(KitBox.files(KitBox.tar(box, key, id.text()))).isEmpty()) {
        find(store, id.kit(), "it has no index");
      }
    } catch (ArchiveException e) {
      find(store, id.kit(), SignedManifest.sentence(e));
    }
  }

  private void verifyStoredBytes(Store store, Manifest manifest) {
    try {
      StoredHash found = StoredHash.of(store, id.data());
      bytesRead += found.bytes();
      if (!found.matches(manifest.stored())) {
        find(store, id.data(), difference(found, manifest.stored()));
      }
    } catch (StoreException e) {
      find(store, id.data(), missingOr(e));
    }
  }

  private void verifyArchive(Store store, Manifest manifest, DataKey key) {
    Container.Sealed found;
    try (InputStream file = store.open(id.data())) {
      found = Container.open(file, OutputStream.nullOutputStream(), key, id.text());
    } catch (ArchiveException e) {
      int before = findings.size();
      verifyStoredBytes(store, manifest);
      if (findings.size() == before) {
        find(store, id.data(), SignedManifest.sentence(e));
      }
      return;
    } catch (StoreException e) {
      find(store, id.data(), missingOr(e));
      return;
    } catch (IOException | UncheckedIOException e) {
      unreadable = true;
      find(store, id.data(), "cannot be read to its end: " + e.getMessage());
      return;
    }
    bytesRead += found.storedBytes();
    var stored = new StoredHash(found.storedBytes(), found.storedSha256());
    if (!stored.matches(manifest.stored())) {
      find(store, id.data(), difference(stored, manifest.stored()));
    }
    var facts = found.facts();
    var plain = new StoredHash(facts.plainBytes(), facts.plainSha256());
    if (!plain.matches(manifest.plain())) {
      find(store, id.data(), "the snapshot in it: " + difference(plain, manifest.plain()));
    }
    String archive = archive(facts);
    String expected = manifest.raft().map(Verifier::raft).orElse(DUMP);
    if (!archive.equals(expected)) {
      find(
          store,
          id.data(),
          "the archive in it is %s, the manifest says %s".formatted(archive, expected));
    }
  }

  private static String archive(ArchiveFacts facts) {
    return switch (facts) {
      case SnapshotFacts snapshot ->
          raft(new Manifest.Raft(snapshot.raftIndex(), snapshot.raftTerm()));
      case DumpFacts _ -> DUMP;
    };
  }

  private static String raft(Manifest.Raft raft) {
    return "a snapshot with raft index %d and term %d".formatted(raft.index(), raft.term());
  }

  private static String difference(StoredHash found, Manifest.Content expected) {
    if (found.bytes() != expected.bytes()) {
      return "%s of %d bytes (%s), the manifest says %d (%s)"
          .formatted(
              found.bytes() < expected.bytes() ? "cut: it is" : "it is",
              found.bytes(),
              new ByteSize(found.bytes()),
              expected.bytes(),
              new ByteSize(expected.bytes()));
    }
    return "changed: its SHA-256 is %s, the manifest says %s"
        .formatted(found.sha256(), expected.sha256());
  }

  private String missingOr(StoreException e) {
    unreadable |= e.reason() == StoreException.Reason.UNAVAILABLE;
    return e.reason() == StoreException.Reason.NOT_FOUND ? "missing" : SignedManifest.sentence(e);
  }

  private void find(Store store, String object, String message) {
    findings.add(new Finding(store.name(), object, message));
  }
}
