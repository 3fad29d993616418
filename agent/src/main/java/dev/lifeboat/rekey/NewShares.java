package dev.lifeboat.rekey;

import dev.lifeboat.config.Secret;
import java.util.List;

/// New shares as the server has made them, not in force yet.
///
/// @param name of their making: the run and which attempt of it
/// @param epoch the key epoch from which on they open the cluster
/// @param keys Base64; each encrypted to its PGP key when there are such keys
public record NewShares(
    String name, Target target, Shape shape, String clusterId, int epoch, List<Secret> keys) {
  public NewShares {
    keys = List.copyOf(keys);
  }
}
