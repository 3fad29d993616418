package dev.lifeboat.backup;

import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// The stores of one run, and what it created in them. A store that is not required and fails is
/// left out from there on: what the run created in it is deleted, and the others go on.
///
/// The coordination store comes first in everything. While it is in, it alone decides whose a slot
/// is; once it was left out, each store decides for itself.
final class Destinations {
  /*
   * What cannot be deleted in a store that was left out stays for the sweep, which knows a run by
   * its age a week later. Its spool file is not kept for that, as it is for a required store: a
   * bucket that is away for a week would fill the spool. The one thing that can then look whole is
   * whole: when a manifest was stored, its answer was lost, and the store went away before the
   * deletion, data and keys were durable there before it.
   */
  private static final System.Logger logger = System.getLogger(Destinations.class.getName());

  /// @param deletion only of what is ours
  private record Created(Store store, String object, Runnable deletion) {}

  private final BackupId id;
  private final Predicate<Store> required;
  private final String coordination;
  private final List<Store> stores;
  private final Deque<Created> created = new ArrayDeque<>();
  private final Map<String, String> leftOut = new TreeMap<>();

  /// @param coordination the name of the store that decides
  Destinations(BackupId id, List<Store> stores, Predicate<Store> required, String coordination) {
    this.id = id;
    this.stores = new ArrayList<>(stores);
    this.stores.sort(Comparator.comparing(store -> !store.name().equals(coordination)));
    this.required = required;
    this.coordination = coordination;
  }

  /// Does the step in every store that is still in.
  void each(Consumer<Store> step) {
    for (Store store : List.copyOf(stores)) {
      try {
        step.accept(store);
      } catch (StoreException e) {
        if (required.test(store) || Thread.currentThread().isInterrupted()) {
          throw e;
        }
        leaveOut(store, e);
      }
    }
  }

  /// Puts one object into every store that is still in. Whatever the failure, an object under our
  /// id can only be ours, unless the name was taken.
  ///
  /// @param isOurs asked when the name was taken: whether by this very object
  void put(String object, Consumer<Store> put, Predicate<Store> isOurs) {
    each(
        store -> {
          try {
            put.accept(store);
            created(store, object);
          } catch (StoreException e) {
            boolean taken = e.reason() == StoreException.Reason.EXISTS;
            if (taken && !isOurs.test(store)) {
              throw e;
            }
            created(store, object);
            if (!taken) {
              throw e;
            }
          }
        });
  }

  private void created(Store store, String object) {
    created.push(new Created(store, object, () -> store.delete(object)));
  }

  /// Puts the manifest of a slot into every store that is still in; the run has the slot when it
  /// returns.
  ///
  /// @throws Fence.Taken when another run has it: in the coordination store, or in every store
  void commit(Fence fence) {
    Optional<Fence.Taken> lost = Optional.empty();
    for (Store store : List.copyOf(stores)) {
      try {
        Optional<Fence.Taken> taken = commit(fence, store);
        if (taken.isPresent()) {
          if (store.name().equals(coordination)) {
            throw taken.get();
          }
          lost = taken;
          String why = String.valueOf(taken.get().getMessage());
          leaveOut(store, new StoreException(StoreException.Reason.EXISTS, why));
        }
      } catch (StoreException e) {
        if (required.test(store) || Thread.currentThread().isInterrupted()) {
          throw e;
        }
        leaveOut(store, e);
      }
    }
    if (stores.isEmpty() && lost.isPresent()) {
      throw lost.get();
    }
  }

  private Optional<Fence.Taken> commit(Fence fence, Store store) {
    // Whatever comes of it: its undoing looks whose it is.
    created.push(new Created(store, fence.object(), () -> fence.undo(store)));
    try {
      store.put(fence.object(), fence.document());
      return Optional.empty();
    } catch (StoreException e) {
      if (e.reason() != StoreException.Reason.EXISTS) {
        throw e;
      }
      return fence.isOursIn(store)
          ? Optional.empty()
          : Optional.of(Fence.taken(store, fence.object(), fence.signers()));
    }
  }

  /// Does the step in the coordination store, unless that was left out.
  void inCoordination(Consumer<Store> step) {
    each(
        store -> {
          if (store.name().equals(coordination)) {
            step.accept(store);
          }
        });
  }

  /// By the name of the store: why the run went on without it.
  Map<String, String> leftOut() {
    return Collections.unmodifiableMap(leftOut);
  }

  private void leaveOut(Store store, StoreException why) {
    RunFailure failure = RunFailure.of(why, false);
    stores.remove(store);
    leftOut.put(store.name(), failure.sentence());
    logger.log(
        System.Logger.Level.WARNING,
        "event=store_left_out backup=%s store=%s reason=%s message=\"%s\""
            .formatted(id, store.name(), why.reason().label(), failure.sentence()));
    boolean _ = undo(object -> object.store().equals(store));
  }

  /// Deletes what was created everywhere, last first; false when something could not be deleted.
  boolean undo() {
    return undo(_ -> true);
  }

  private boolean undo(Predicate<Created> wanted) {
    Set<Store> stuck = new HashSet<>();
    for (Created each : List.copyOf(created)) {
      // Once its manifest may have stayed, data is never taken from under it.
      if (wanted.test(each) && !stuck.contains(each.store()) && !deleted(each)) {
        stuck.add(each.store());
      }
    }
    created.removeIf(wanted);
    return stuck.isEmpty();
  }

  private static boolean deleted(Created each) {
    try {
      each.deletion().run();
      return true;
    } catch (StoreException e) {
      logger.log(
          System.Logger.Level.WARNING,
          "event=undo_failed store=%s object=%s".formatted(each.store().name(), each.object()),
          e);
      return false;
    }
  }
}
