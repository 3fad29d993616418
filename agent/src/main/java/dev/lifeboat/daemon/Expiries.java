package dev.lifeboat.daemon;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.Expired;
import dev.lifeboat.backup.Expiry;
import dev.lifeboat.backup.Progress;
import dev.lifeboat.retention.Refusal;
import dev.lifeboat.retention.RetentionPlan;
import dev.lifeboat.retention.RetentionPolicy;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreConfig;
import dev.lifeboat.store.StoreException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// The one place where this agent deletes backups: after each scheduled one that it stored, and
/// when the command line asks. One store at a time, never two plans at once.
final class Expiries {
  private static final System.Logger logger = System.getLogger(Expiries.class.getName());

  private final BackupConfig config;
  private final List<Store> stores;
  private final Expiry expiry;
  private final BackupCounts counts;

  Expiries(BackupConfig config, List<Store> stores, Expiry expiry, BackupCounts counts) {
    this.config = config;
    this.stores = List.copyOf(stores);
    this.expiry = expiry;
    this.counts = counts;
  }

  /// What happens here never fails the backup that was just stored.
  ///
  /// @param without stores that did not take that backup: nothing goes where nothing came
  /// @return whether anything was deleted
  synchronized boolean afterBackup(Set<String> without) {
    boolean deleted = false;
    for (Store store : stores) {
      RetentionPolicy policy = policy(store.name());
      if (without.contains(store.name())) {
        continue;
      }
      try {
        if (policy.keepsEverything() && store.lockTime().isEmpty()) {
          continue;
        }
        RetentionPlan plan = expiry.plan(store, policy, false);
        counts.expireRefused(store.name(), plan.refusal().isPresent());
        plan.refusal().ifPresent(refusal -> warn(store, refusal));
        Expired expired = expiry.carryOut(store, plan, Progress.NONE);
        count(store, expired);
        deleted |= !expired.deleted().isEmpty();
      } catch (StoreException e) {
        logger.log(
            System.Logger.Level.WARNING,
            "event=expire_failed store=%s reason=%s message=%s"
                .formatted(
                    store.name(),
                    e.reason().label(),
                    LogLines.quoted(String.valueOf(e.getMessage()))));
      } catch (RuntimeException e) {
        logger.log(System.Logger.Level.ERROR, "event=expire_bug store=" + store.name(), e);
      }
    }
    return deleted;
  }

  private RetentionPolicy policy(String store) {
    return config.stores().stream()
        .filter(config -> config.name().equals(store))
        .findFirst()
        .map(StoreConfig::retention)
        .orElse(RetentionPolicy.FOR_EVER);
  }

  private static void warn(Store store, Refusal refusal) {
    logger.log(
        System.Logger.Level.WARNING,
        "event=expire_refused store=%s reason=%s message=%s hint=%s"
            .formatted(
                store.name(),
                refusal.reason().label(),
                LogLines.quoted(refusal.message()),
                LogLines.quoted(refusal.hint())));
  }

  private void count(Store store, Expired expired) {
    counts.expired(store.name(), expired);
    if (!expired.deleted().isEmpty() || !expired.locked().isEmpty() || !expired.done()) {
      logger.log(
          System.Logger.Level.INFO,
          "event=expire_done store=%s deleted=%d failed=%d locked=%d lock_failed=%d"
              .formatted(
                  store.name(),
                  expired.deleted().size(),
                  expired.failed().size(),
                  expired.locked().size(),
                  expired.unlocked().size()));
    }
  }

  /// A request of the command line, which has shown a plan: only that plan is carried out.
  synchronized ControlSocket.Answer answer(JsonNode request, ControlSocket.Lines progress) {
    String name = request.path("store").asString("");
    Optional<Store> store = stores.stream().filter(s -> s.name().equals(name)).findFirst();
    if (store.isEmpty()) {
      return new ControlSocket.Answer.Failed(
          "not_configured",
          "the running agent has no store '%s'".formatted(name),
          "reload it: systemctl reload lifeboat");
    }
    try {
      RetentionPlan plan =
          expiry.plan(store.get(), policy(name), request.path("force_share").asBoolean(false));
      counts.expireRefused(name, plan.refusal().isPresent());
      if (plan.refusal().isPresent()) {
        Refusal refusal = plan.refusal().get();
        return new ControlSocket.Answer.Failed("refused", refusal.message(), refusal.hint());
      }
      if (!ExpireClient.fingerprint(plan).equals(request.path("plan").asString(""))) {
        return ExpireClient.changed(name);
      }
      Expired expired = expiry.carryOut(store.get(), plan, progress::progress);
      count(store.get(), expired);
      return new ControlSocket.Answer.Done(ExpireClient.json(expired));
    } catch (StoreException e) {
      return new ControlSocket.Answer.Failed(
          e.reason().label(), String.valueOf(e.getMessage()), "");
    }
  }
}
