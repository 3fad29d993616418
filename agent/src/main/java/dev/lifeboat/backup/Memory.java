package dev.lifeboat.backup;

import dev.lifeboat.store.Store;
import dev.lifeboat.store.Store.StoredObject;
import dev.lifeboat.store.StoreException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Signed documents of the stores that were read and found good, by the version that the store
/// gives them: what has not changed is not read again.
///
/// Of one set of trusted signers; who trusts others begins with an empty one. Bounded by what the
/// stores list.
public final class Memory {
  /*
   * An agent reads its stores every minute, and a bucket bills every request. A listing names
   * versions, and two listings with the same name and version mean the same bytes, so a document
   * whose version was seen before is judged as it was then. Only good ones are remembered: whoever
   * mends a damaged document, or adds a signer, need not wait for anything.
   *
   * Manifests of one cluster say the same of its peers, mounts and seal; equal parts are kept once,
   * so that ten thousand manifests take some ten megabytes and not sixty.
   */
  private static final int READERS = 16;

  private final Map<String, Map<String, Known>> stores = new HashMap<>();
  private final Map<Object, Object> parts = new HashMap<>();
  private long changes;

  /// @param document what was made of it
  private record Known(String version, Object document) {}

  /// Every one of these objects of a store as `read` makes it; those that are remembered without
  /// asking the store, the rest by some threads at once.
  ///
  /// @param read throws [StoreException] when the store does not answer
  /// @param good which results may be remembered
  <T> Map<String, T> all(
      Store store,
      Collection<StoredObject> objects,
      Class<T> type,
      Function<String, T> read,
      Function<T, Optional<T>> good) {
    Map<String, T> all = new TreeMap<>();
    List<StoredObject> unknown = new ArrayList<>();
    for (StoredObject object : objects) {
      Optional<T> known = known(store, object, type);
      known.ifPresent(document -> all.put(object.name(), document));
      if (known.isEmpty()) {
        unknown.add(object);
      }
    }
    Map<String, T> fresh = readAll(unknown, read);
    for (StoredObject object : unknown) {
      T document = fresh.get(object.name());
      if (document != null) {
        Optional<T> kept = good.apply(document);
        kept.ifPresent(each -> remember(store, object, each));
        all.put(object.name(), kept.orElse(document));
      }
    }
    return all;
  }

  private static <T> Map<String, T> readAll(List<StoredObject> objects, Function<String, T> read) {
    Map<String, T> fresh = new HashMap<>();
    if (objects.size() < 2) {
      objects.forEach(object -> fresh.put(object.name(), read.apply(object.name())));
      return fresh;
    }
    Semaphore some = new Semaphore(READERS);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Map<String, Future<T>> reading = new HashMap<>();
      for (StoredObject object : objects) {
        some.acquire();
        Callable<T> one =
            () -> {
              try {
                return read.apply(object.name());
              } finally {
                some.release();
              }
            };
        reading.put(object.name(), threads.submit(one));
      }
      for (var each : reading.entrySet()) {
        fresh.put(each.getKey(), each.getValue().get());
      }
      return fresh;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException(StoreException.Reason.UNAVAILABLE, "told to stop while reading", e);
    }
  }

  private synchronized <T> Optional<T> known(Store store, StoredObject object, Class<T> type) {
    Known known = stores.getOrDefault(store.name(), Map.of()).get(object.name());
    return known != null
            && known.version().equals(object.version())
            && type.isInstance(known.document())
        ? Optional.of(type.cast(known.document()))
        : Optional.empty();
  }

  private void remember(Store store, StoredObject object, Object document) {
    remember(new Document(store.name(), object.name(), object.version(), document));
  }

  /// One that is remembered.
  ///
  /// @param content a [SignedManifest] or a [Checks.Recorded], either of them good
  record Document(String store, String object, String version, Object content) {}

  synchronized void remember(Document document) {
    changes++;
    stores
        .computeIfAbsent(document.store(), _ -> new HashMap<>())
        .put(document.object(), new Known(document.version(), document.content()));
  }

  /// All there is, as it is now.
  synchronized List<Document> documents() {
    List<Document> all = new ArrayList<>();
    stores.forEach(
        (store, documents) ->
            documents.forEach(
                (object, known) ->
                    all.add(new Document(store, object, known.version(), known.document()))));
    return all;
  }

  /// Another number when anything was learnt or forgotten since.
  public synchronized long changes() {
    return changes;
  }

  /// Forgets what a whole listing of the store no longer names, and the parts that only it had.
  synchronized void retain(Store store, Collection<StoredObject> listed) {
    Map<String, Known> known = stores.get(store.name());
    if (known == null) {
      return;
    }
    Set<String> names = listed.stream().map(StoredObject::name).collect(Collectors.toSet());
    if (known.keySet().retainAll(names)) {
      changes++;
      parts.clear();
      stores.values().stream()
          .flatMap(documents -> documents.values().stream())
          .map(Known::document)
          .filter(SignedManifest.class::isInstance)
          .flatMap(document -> ((SignedManifest) document).trusted().stream())
          .forEach(
              manifest -> {
                var _ = shared(manifest);
              });
    }
  }

  /// The manifest, its parts shared with those of other manifests.
  synchronized Manifest shared(Manifest manifest) {
    return new Manifest(
        part(manifest.type()),
        manifest.id(),
        part(manifest.cluster()),
        part(manifest.node()),
        part(manifest.takenFrom()),
        manifest.slot(),
        manifest.startedAt(),
        manifest.takenAt(),
        manifest.raft(),
        manifest.plain(),
        manifest.stored(),
        part(manifest.recipients()),
        part(manifest.seal()),
        part(manifest.peers()),
        manifest.canary(),
        part(manifest.mounts()),
        part(manifest.counts()),
        part(manifest.lifeboatVersion()),
        part(manifest.label()),
        part(manifest.schedule()),
        manifest.kit());
  }

  @SuppressWarnings("unchecked") // Equal to what was put, so of its type.
  private <T> T part(T part) {
    return (T) parts.computeIfAbsent(part, same -> same);
  }
}
