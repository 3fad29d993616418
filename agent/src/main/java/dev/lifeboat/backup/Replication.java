package dev.lifeboat.backup;

import dev.lifeboat.archive.KitBox;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.retention.Item;
import dev.lifeboat.retention.RetentionPlan;
import dev.lifeboat.retention.RetentionPolicy;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.StoreException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Copies finished backups from one store into another.
public final class Replication {
  /*
   * The same order as in Run: data, then keys and what else belongs to the backup, the manifest
   * last; so a death in the middle leaves no backup but the parts of one. They are found by the
   * next attempt, which goes on where the last one stopped: an object that is there and holds the
   * same bytes is done, one that holds others and has no manifest beside it is thrown away. Two
   * agents that copy the same backup at once therefore do each other's work and no harm.
   *
   * Nothing is copied that the source cannot prove: the manifest must be signed by a trusted key,
   * each document too, and the data must have the SHA-256 that the manifest says, before the
   * first byte of it leaves this machine. Damage is told, never spread.
   *
   * Parts of a copy that nobody finished go when the store has had them for a week by its own
   * clock. The second in an id, by which Sweep judges, says nothing here: a backup of three years
   * ago may be copied today.
   */
  private static final Duration DEAD_AFTER = Duration.ofDays(7);
  private static final int DOCUMENT_MAX = SignedManifest.BYTES_MAX;
  private static final System.Logger logger = System.getLogger(Replication.class.getName());

  private final Path folder;
  private final TrustedSigners signers;
  private final Readers readers;
  private final InstantSource clock;
  private final Memory memory;

  /// @param folder where one backup at a time has room; made when it is missing
  /// @param memory of these signers; what it knows is not read again
  public Replication(
      Path folder, TrustedSigners signers, Readers readers, InstantSource clock, Memory memory) {
    this.folder = folder;
    this.signers = signers;
    this.readers = readers;
    this.clock = clock;
    this.memory = memory;
  }

  /// Removes what a dead process left in the folder; only for whoever works there alone.
  public void clean() {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, "copy-*.data")) {
      left.forEach(Replication::delete);
    } catch (NoSuchFileException e) {
      // Nothing was ever copied.
    } catch (IOException e) {
      logger.log(System.Logger.Level.WARNING, "event=replica_folder_not_cleaned", e);
    }
  }

  /// A backup that one store has and another one should have.
  public static final class Missing {
    private final Manifest manifest;
    private final String object;
    private final List<String> others;

    private Missing(Manifest manifest, String object, List<String> others) {
      this.manifest = manifest;
      this.object = object;
      this.others = List.copyOf(others);
    }

    public String id() {
      return manifest.id();
    }

    public Instant takenAt() {
      return manifest.takenAt();
    }

    /// Of its data.
    public long bytes() {
      return manifest.stored().bytes();
    }
  }

  /// What the target lacks of what the source has, the newest first: only whole backups that can be
  /// trusted, and only those that the target's own retention would not delete again at once.
  public List<Missing> missing(Store source, Store target, RetentionPolicy policy) {
    List<Holding> there = Holding.readAll(source, signers, _ -> true, memory);
    List<Holding> here = Holding.readAll(target, signers, _ -> true, memory);
    Set<String> had = new HashSet<>();
    List<Item> items = new ArrayList<>();
    for (Holding holding : here) {
      had.add(holding.key());
      items.add(holding.item(signers, readers, Map.of()));
    }
    Map<String, Holding> candidates = new TreeMap<>();
    for (Holding holding : there) {
      Item item = holding.item(signers, readers, Map.of());
      if (!had.contains(holding.key()) && item.trouble().isEmpty()) {
        candidates.put(holding.key(), holding);
        items.add(item);
      }
    }
    RetentionPlan plan =
        RetentionPlan.of(
            policy, items, new RetentionPlan.Guards(clock.instant(), ZoneOffset.UTC, true));
    plan.toDelete().forEach(item -> candidates.remove(item.id()));
    return candidates.values().stream()
        .map(Replication::missing)
        .sorted(Comparator.comparing(Missing::takenAt).reversed())
        .toList();
  }

  private static Missing missing(Holding holding) {
    BackupId id = new BackupId(holding.key());
    List<String> others =
        holding.objects().keySet().stream()
            .filter(object -> !object.equals(id.data()) && !object.equals(holding.object()))
            // A record speaks of the copy that it lies beside, and of no other.
            .filter(object -> !id.isCheck(object))
            .toList();
    return new Missing(holding.manifest().trusted().orElseThrow(), holding.object(), others);
  }

  /// Copies one backup; it is one in the target when this returns. Reads the source no faster than
  /// that lets itself be read.
  ///
  /// @throws StoreException `CORRUPTED` when the source's copy is damaged: nothing of it was copied
  public void copy(Missing backup, Store source, Store target) {
    try (var _ = readers.begin(backup.id())) {
      BackupId id = new BackupId(backup.id());
      List<Document> documents = new ArrayList<>();
      for (String object : backup.others) {
        documents.add(
            object.equals(id.kit()) ? kit(backup, source, object) : document(source, object));
      }
      Document manifest = document(source, backup.object);
      data(backup, id, source, target);
      for (Document document : documents) {
        put(document, target);
      }
      put(manifest, target);
    }
    logger.log(
        System.Logger.Level.INFO,
        "event=backup_replicated backup={0} from={1} to={2}",
        backup.id(),
        source.name(),
        target.name());
  }

  private record Document(String object, byte[] content) {}

  private Document document(Store source, String object) {
    byte[] content = source.read(object, DOCUMENT_MAX);
    try {
      var _ = signers.open(content);
    } catch (KeyException e) {
      throw damaged(source, object, SignedManifest.sentence(e));
    }
    return new Document(object, content);
  }

  private static Document kit(Missing backup, Store source, String object) {
    byte[] content = source.read(object, KitBox.BYTES_MAX);
    if (backup
        .manifest
        .kit()
        .filter(kit -> StoredHash.of(content).matches(kit.stored()))
        .isEmpty()) {
      throw damaged(source, object, "it is not the one of its manifest");
    }
    return new Document(object, content);
  }

  private static StoreException damaged(Store source, String object, String why) {
    return new StoreException(
        Reason.CORRUPTED,
        "store %s: %s is not copied: %s".formatted(source.name(), object, why)
            + "\nhint: lifeboat verify says what is wrong with that backup");
  }

  private void data(Missing backup, BackupId id, Store source, Store target) {
    if (isThere(backup, id, target)) {
      return;
    }
    Path file = file();
    try {
      String sha256 = fetch(source, id.data(), file);
      if (!sha256.equals(backup.manifest.stored().sha256())) {
        throw damaged(
            source, id.data(), "it has the SHA-256 %s, not that of its manifest".formatted(sha256));
      }
      target.put(id.data(), file, sha256);
    } catch (StoreException e) {
      if (e.reason() != Reason.EXISTS || !isThere(backup, id, target)) {
        throw e;
      }
    } finally {
      delete(file);
    }
  }

  /// What another attempt has left; other bytes than those are thrown away.
  private static boolean isThere(Missing backup, BackupId id, Store target) {
    boolean listed = target.list().stream().anyMatch(each -> each.name().equals(id.data()));
    if (!listed) {
      return false;
    }
    if (StoredHash.of(target, id.data()).matches(backup.manifest.stored())) {
      return true;
    }
    target.delete(id.data());
    return false;
  }

  private static void put(Document document, Store target) {
    try {
      target.put(document.object(), document.content());
    } catch (StoreException e) {
      if (e.reason() != Reason.EXISTS
          || !Arrays.equals(document.content(), target.read(document.object(), KitBox.BYTES_MAX))) {
        throw e;
      }
    }
  }

  private String fetch(Store source, String object, Path file) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
    try (InputStream in = new DigestInputStream(source.open(object), digest);
        OutputStream out = Files.newOutputStream(file)) {
      in.transferTo(out);
    } catch (IOException e) {
      throw new StoreException(
          Reason.UNAVAILABLE,
          "store %s: %s could not be fetched into %s: %s"
                  .formatted(source.name(), object, folder, e.getMessage())
              + "\nhint: is there room for one backup in backup.spool?",
          e);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private Path file() {
    try {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      return Files.createTempFile(
          folder,
          "copy-",
          ".data",
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } catch (IOException e) {
      throw new StoreException(
          Reason.UNAVAILABLE,
          "no file can be made in %s: %s".formatted(folder, e)
              + "\nhint: backup.spool must be a folder that the user of lifeboat owns",
          e);
    }
  }

  private static void delete(Path file) {
    try {
      var _ = Files.deleteIfExists(file);
    } catch (IOException e) {
      logger.log(System.Logger.Level.WARNING, "event=replica_file_stays file=" + file, e);
    }
  }

  /// Removes what copies that nobody finished have left in the target.
  public void cleanUp(Store target) {
    target.cleanUp();
    Instant dead = target.now().minus(DEAD_AFTER);
    Map<BackupId, List<Store.StoredObject>> objects = new TreeMap<>();
    for (Store.StoredObject object : target.list()) {
      BackupId.ofObject(object.name())
          .ifPresent(id -> objects.computeIfAbsent(id, _ -> new ArrayList<>()).add(object));
    }
    Holding.readAll(target, signers, _ -> true, memory)
        .forEach(holding -> holding.id().ifPresent(objects::remove));
    objects.forEach(
        (id, parts) -> {
          if (parts.stream().allMatch(each -> each.modified().isBefore(dead))) {
            parts.forEach(each -> target.delete(each.name()));
            logger.log(
                System.Logger.Level.INFO,
                "event=copy_removed store={0} backup={1}",
                target.name(),
                id);
          }
        });
  }
}
