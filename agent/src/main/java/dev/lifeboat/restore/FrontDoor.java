package dev.lifeboat.restore;

import dev.lifeboat.backup.BackupConfig.CanaryConfig;
import dev.lifeboat.canary.Canary;
import dev.lifeboat.canary.CanaryException;
import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.RequestObserver;
import dev.lifeboat.vault.SealStatus;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.vault.VaultConfig;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultNode;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The address by which clients come, and what they find behind it.
///
/// @param vault for its rules of TLS and its bounds; its addresses are not used
/// @param clusterId that must answer there
/// @param leader whom it must name: the cluster of before has the same id
record FrontDoor(
    URI address, VaultConfig vault, String clusterId, URI leader, Optional<CanaryConfig> canary) {
  /// In a row, or a door that leads to two clusters in turn would do.
  private static final int CALLS = 10;

  private static final Duration POLL = Duration.ofSeconds(1);

  /// Waits until it leads to the right cluster, as it does when the old record has left the caches
  /// between here and there.
  Map<String, String> proven(Secret token, Duration bound) throws InterruptedException {
    long deadline = System.nanoTime() + bound.toNanos();
    while (true) {
      try {
        return asked(token);
      } catch (VaultException | CanaryException | RestoreException e) {
        if (System.nanoTime() >= deadline) {
          throw RestoreException.failed(
              "%s does not lead to the restored cluster after %d s: %s\nhint: %s"
                  .formatted(
                      address,
                      bound.toSeconds(),
                      RestoreException.sentence(e),
                      "see what the name answers here, and what stands between; the same command"
                          + " looks again"));
        }
      }
      Thread.sleep(POLL);
    }
  }

  /// With connections of its own: those of before lead where the name led then.
  private Map<String, String> asked(Secret token) throws InterruptedException {
    try (VaultClient client =
        VaultClient.open(vault.at(address, List.of()), RequestObserver.NONE)) {
      VaultNode node = client.node(address);
      // First: another cluster is neither written into nor shown the token.
      requireOurs(node);
      Optional<Canary.Written> written =
          canary.map(each -> Canary.writeThrough(node, token, each.path(), each.transitKey()));
      for (int call = 0; call < CALLS; call++) {
        requireOurs(node);
        written.ifPresent(each -> Canary.read(node, token, each));
      }
    }
    return Map.of(
        "asked",
        "%d times, %s"
            .formatted(
                CALLS,
                canary.isPresent()
                    ? "what was written through it was read each time"
                    : "the cluster's id each time"));
  }

  private void requireOurs(VaultNode node) {
    SealStatus status = node.sealStatus();
    if (status.sealed() || !status.clusterId().equals(Optional.of(clusterId))) {
      throw RestoreException.failed(
          status.sealed()
              ? "what answers is sealed"
              : "the cluster %s answers".formatted(status.clusterId().orElse("?")));
    }
    Optional<URI> named = node.leader().address();
    if (!named.equals(Optional.of(leader))) {
      throw RestoreException.failed(
          "what answers follows %s, and %s leads the restored cluster"
              .formatted(named.map(URI::toString).orElse("nobody"), leader));
    }
  }
}
