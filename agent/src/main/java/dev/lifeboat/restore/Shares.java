package dev.lifeboat.restore;

import dev.lifeboat.unseal.Share;
import dev.lifeboat.vault.SealStatus;
import java.util.List;

/// Shares of the unseal key, had when it is known how many a node needs: a node that does not run
/// says nothing of its seal.
@FunctionalInterface
public interface Shares {
  /// None for a seal that opens itself.
  List<Share> of(SealStatus status) throws InterruptedException;

  /// Those that are there already.
  static Shares known(List<Share> shares) {
    List<Share> copy = List.copyOf(shares);
    return _ -> copy;
  }
}
