package dev.lifeboat.objective;

import java.util.Locale;

/// What has happened. The label is the same in the configuration and in the metrics.
public enum Scenario {
  /// One node is gone for good.
  SERVER_FAILURE,
  /// Every node is gone.
  CLUSTER_LOSS,
  /// So many nodes are gone that no leader can be elected.
  QUORUM_LOSS,
  /// Everything in one region is gone or out of reach.
  REGION_FAILOVER,
  /// Somebody else has been root on a node.
  VPS_COMPROMISE,
  /// Somebody else has had credentials that were kept in Vault.
  CREDENTIAL_COMPROMISE;

  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
