package dev.lifeboat.objective;

/// Where data is, as far as it matters when something is lost.
///
/// @param nodes of the cluster, as the configuration names them
/// @param offMachine whether a store is on no Vault node
/// @param twoRegions whether backups are in two places that do not fall together
/// @param locked whether a store keeps backups from whoever has everything that a node has
public record Places(int nodes, boolean offMachine, boolean twoRegions, boolean locked) {}
