package dev.lifeboat.backup;

import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// The records of verifications, in the stores that they speak of.
public final class Checks {
  /*
   * Nothing is ever overwritten in a store: a newer record is put, then those of before are
   * deleted. A death between, or a lock on the older one, leaves two, of which the newer counts.
   * A record that cannot be trusted counts for nothing, unlike a pin: believing it could let the
   * last good backup go.
   */
  private static final System.Logger logger = System.getLogger(Checks.class.getName());
  private static final RandomGenerator RANDOM = RandomGenerator.of("SecureRandom");

  private Checks() {}

  /// The newest record among these objects that can be trusted and speaks of this very copy.
  static Optional<Check> newest(
      Store store, BackupId id, Collection<String> objects, TrustedSigners signers) {
    Optional<Check> newest = Optional.empty();
    for (String object : objects.stream().filter(id::isCheck).toList()) {
      Optional<Check> found =
          read(store, object, signers)
              .filter(check -> check.backup().equals(id.text()))
              .filter(check -> check.store().equals(store.name()));
      if (found.isPresent() && (newest.isEmpty() || newest.get().at().isBefore(found.get().at()))) {
        newest = found;
      }
    }
    return newest;
  }

  private static Optional<Check> read(Store store, String object, TrustedSigners signers) {
    try {
      return Optional.of(Check.parse(signers.open(store.read(object, Check.BYTES_MAX)).content()));
    } catch (KeyException | IllegalArgumentException e) {
      // Every reading of the store comes by here, once a minute.
      logger.log(
          System.Logger.Level.DEBUG,
          "event=check_not_trusted store=%s object=%s message=\"%s\""
              .formatted(store.name(), object, SignedManifest.sentence(e)));
      return Optional.empty();
    } catch (StoreException e) {
      if (e.reason() == StoreException.Reason.UNAVAILABLE) {
        throw e;
      }
      return Optional.empty();
    }
  }

  /// Durable when it returns. The records of before are deleted then, as far as the store lets them
  /// go.
  ///
  /// @param before their names, as [Catalogue.Copy#records] has them
  public static void write(Store store, Check check, List<String> before, SigningKey signing) {
    store.putControl(new BackupId(check.backup()).check(RANDOM), signing.sign(check.toJson()));
    for (String object : before) {
      try {
        store.delete(object);
      } catch (StoreException e) {
        logger.log(
            System.Logger.Level.INFO,
            "event=old_check_stays store=%s object=%s reason=%s"
                .formatted(store.name(), object, e.reason().label()));
      }
    }
  }
}
