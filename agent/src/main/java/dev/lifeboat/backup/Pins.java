package dev.lifeboat.backup;

import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.retention.Hold;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// The pins of backups, in the stores that hold them.
public final class Pins {
  /*
   * Nothing is ever overwritten in a store, so a pin is changed by putting another one and then
   * deleting those of before; a death between leaves two, of which the newer counts. One that
   * cannot be trusted holds as well: whoever can forge it could also delete, and the mistake costs
   * space only. `unpin` takes every pin away, forged or not.
   */
  private static final RandomGenerator RANDOM = RandomGenerator.of("SecureRandom");

  private Pins() {}

  /// What the pins among these objects of a backup hold; empty without one.
  static Optional<Hold> hold(
      Store store, BackupId id, Collection<String> objects, TrustedSigners signers) {
    Optional<Pin> newest = Optional.empty();
    for (String object : objects.stream().filter(id::isPin).toList()) {
      try {
        Pin pin = Pin.parse(signers.open(store.read(object, Pin.BYTES_MAX)).content());
        if (!pin.backup().equals(id.text())) {
          return Optional.of(new Hold.BadPin("it is a pin of another backup, " + pin.backup()));
        }
        newest =
            newest.isPresent() && newest.get().at().isAfter(pin.at()) ? newest : Optional.of(pin);
      } catch (KeyException | IllegalArgumentException e) {
        return Optional.of(new Hold.BadPin(SignedManifest.sentence(e)));
      } catch (StoreException e) {
        if (e.reason() == StoreException.Reason.UNAVAILABLE) {
          throw e;
        }
        if (e.reason() != StoreException.Reason.NOT_FOUND) {
          return Optional.of(new Hold.BadPin(SignedManifest.sentence(e)));
        }
      }
    }
    return newest.map(pin -> new Hold.Pinned(pin.until()));
  }

  /// A new one.
  static String name(BackupId id) {
    return id.pin(RANDOM);
  }

  /// The hold on a backup in one store, as it is now.
  public static Optional<Hold> of(Store store, String backup, TrustedSigners signers) {
    BackupId id = new BackupId(backup);
    return hold(store, id, objects(store, id), signers);
  }

  /// Durable when it returns; pins of before are gone then.
  public static void pin(Store store, Pin pin, SigningKey signing) {
    BackupId id = new BackupId(pin.backup());
    List<String> before = objects(store, id);
    store.putControl(name(id), signing.sign(pin.toJson()));
    before.forEach(store::delete);
  }

  /// Takes every pin of a backup away; how many there were.
  public static int unpin(Store store, String backup) {
    List<String> pins = objects(store, new BackupId(backup));
    pins.forEach(store::delete);
    return pins.size();
  }

  private static List<String> objects(Store store, BackupId id) {
    return store.list().stream()
        .map(Store.StoredObject::name)
        .filter(name -> BackupId.ofObject(name).filter(id::equals).isPresent() && id.isPin(name))
        .sorted(Comparator.naturalOrder())
        .toList();
  }
}
