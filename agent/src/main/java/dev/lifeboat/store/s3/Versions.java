package dev.lifeboat.store.s3;

import dev.lifeboat.config.SecretException;
import dev.lifeboat.store.Store.StoredObject;
import dev.lifeboat.store.Store.Trouble;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsResponse;
import software.amazon.awssdk.services.s3.model.ObjectVersion;

/// What a bucket with versioning really holds.
final class Versions {
  /*
   * A plain delete or put of a key that exists, a locked one too, succeeds in such a bucket: it
   * lays a delete marker or another version on top. Lifeboat does neither. It puts a name once,
   * and deletes by version, all of them. So the oldest version of a name is the object, and
   * whatever lies above it is somebody else's: the object is listed and read by its version all
   * the same, and the list says what was done to it.
   */
  private static final System.Logger logger = System.getLogger(Versions.class.getName());

  private final Bucket bucket;
  private final Map<String, String> oldest = new ConcurrentHashMap<>();
  private final AtomicBoolean told = new AtomicBoolean();
  private volatile @Nullable Boolean versioned;

  Versions(Bucket bucket) {
    this.bucket = bucket;
  }

  /// Whether the bucket keeps versions; asked once, and anew by [#refresh].
  boolean kept() {
    Boolean known = versioned;
    return known == null ? refresh() : known;
  }

  boolean refresh() {
    boolean kept = ask();
    versioned = kept;
    return kept;
  }

  private boolean ask() {
    String doing = "cannot ask for the versioning of s3://" + bucket.name();
    try {
      String status =
          bucket
              .client()
              .getBucketVersioning(request -> request.bucket(bucket.name()))
              .statusAsString();
      // A bucket whose versioning was suspended keeps the versions it has.
      return status != null && !status.isEmpty();
    } catch (AwsServiceException e) {
      boolean cannot = e.statusCode() == 403 || e.statusCode() == 405 || e.statusCode() == 501;
      if (!cannot) {
        throw bucket.failure(doing, e);
      }
      if (told.compareAndSet(false, true)) {
        logger.log(
            System.Logger.Level.WARNING,
            "event=versioning_unknown bucket={0} code={1} taken_for=unversioned",
            bucket.name(),
            Failures.code(e));
      }
      return false;
    } catch (SdkException | SecretException | UncheckedIOException e) {
      throw bucket.failure(doing, e);
    }
  }

  record Listing(List<StoredObject> objects, List<Trouble> troubles) {}

  /// The oldest version of one name, as far as it is known yet.
  private record Oldest(ObjectVersion version, boolean newest, boolean only) {
    /// The tag as well: the version `null` of a bucket without versioning is overwritten in place.
    StoredObject stored(String object) {
      return new StoredObject(
          object,
          version.size(),
          version.lastModified(),
          version.versionId() + "/" + version.eTag());
    }
  }

  Listing list() {
    Map<String, Oldest> objects = new TreeMap<>();
    eachPage(
        bucket.config().prefix(),
        page ->
            page.versions()
                .forEach(
                    version ->
                        bucket
                            .object(version.key())
                            // Newest first: what comes last is the oldest.
                            .ifPresent(
                                object ->
                                    objects.merge(
                                        object,
                                        new Oldest(version, version.isLatest(), true),
                                        (_, older) -> new Oldest(older.version(), false, false)))));
    List<StoredObject> stored = new ArrayList<>();
    List<Trouble> troubles = new ArrayList<>();
    oldest.keySet().retainAll(objects.keySet());
    objects.forEach(
        (object, found) -> {
          oldest.put(object, found.version().versionId());
          stored.add(found.stored(object));
          if (!found.newest()) {
            troubles.add(new Trouble(object, sentence(object, found.only())));
          }
        });
    return new Listing(stored, troubles);
  }

  private String sentence(String object, boolean deleted) {
    return deleted
        ? "somebody has deleted %s; it lies under a delete marker and can still be read"
            .formatted(bucket.place(object))
        : "somebody has overwritten %s; its first version is there and is the one that is read"
            .formatted(bucket.place(object));
  }

  private void eachPage(String prefix, Consumer<ListObjectVersionsResponse> step) {
    boolean _ =
        bucket.ask(
            "cannot list s3://%s/%s".formatted(bucket.name(), prefix),
            client -> {
              client
                  .listObjectVersionsPaginator(
                      request -> request.bucket(bucket.name()).prefix(prefix))
                  .forEach(step);
              return true;
            });
  }

  /// The version that is the object; empty when there is none.
  Optional<String> oldest(String object) {
    String known = oldest.get(object);
    if (known != null) {
      return Optional.of(known);
    }
    List<String> versions = versions(object);
    if (versions.isEmpty()) {
      return Optional.empty();
    }
    oldest.put(object, versions.getFirst());
    return Optional.of(versions.getFirst());
  }

  void remember(String object, @Nullable String version) {
    if (version != null) {
      oldest.put(object, version);
    }
  }

  void forget(String object) {
    oldest.remove(object);
  }

  /// Everything there is under this name, delete markers too, the object itself first: whether it
  /// is locked is known before anything else is gone.
  List<String> all(String object) {
    List<String> all = versions(object);
    String key = bucket.key(object);
    eachPage(
        key,
        page ->
            page.deleteMarkers().stream()
                .filter(marker -> marker.key().equals(key))
                .forEach(marker -> all.add(marker.versionId())));
    return all;
  }

  /// Oldest first.
  private List<String> versions(String object) {
    String key = bucket.key(object);
    List<String> versions = new ArrayList<>();
    eachPage(
        key,
        page ->
            page.versions().stream()
                .filter(version -> version.key().equals(key))
                .forEach(version -> versions.add(version.versionId())));
    Collections.reverse(versions);
    return versions;
  }
}
