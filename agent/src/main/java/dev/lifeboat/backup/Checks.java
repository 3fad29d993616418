package dev.lifeboat.backup;

import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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

  /// By backup, the newest record in the store that can be trusted and speaks of this very copy.
  static Map<BackupId, Check> newest(
      Store store, Collection<Store.StoredObject> listed, TrustedSigners signers, Memory memory) {
    Map<String, Recorded> records =
        memory.all(
            store,
            listed.stream()
                .filter(
                    each ->
                        BackupId.ofObject(each.name())
                            .filter(id -> id.isCheck(each.name()))
                            .isPresent())
                .toList(),
            Recorded.class,
            object -> new Recorded(read(store, object, signers)),
            record -> Optional.of(record).filter(each -> each.check().isPresent()));
    Map<BackupId, Check> newest = new TreeMap<>();
    records.forEach(
        (object, record) ->
            record
                .check()
                .filter(check -> check.store().equals(store.name()))
                .filter(
                    check ->
                        BackupId.ofObject(object)
                            .filter(id -> id.text().equals(check.backup()))
                            .isPresent())
                .ifPresent(
                    check ->
                        newest.merge(
                            new BackupId(check.backup()),
                            check,
                            (one, other) -> other.at().isAfter(one.at()) ? other : one)));
    return newest;
  }

  /// @param check empty when it cannot be trusted
  record Recorded(Optional<Check> check) {}

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
