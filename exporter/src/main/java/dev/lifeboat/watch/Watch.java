package dev.lifeboat.watch;

import dev.lifeboat.vault.TokenKeeper;
import dev.lifeboat.vault.VaultClient;
import java.time.InstantSource;

/// The poll loop over one node, on a thread of its own from `open` to `close`.
public final class Watch implements AutoCloseable {
  public static Watch open(
      VaultClient client, TokenKeeper keeper, WatchConfig config, InstantSource clock) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The latest state. Older than three intervals (a poll loop that hangs) it is replaced by one in
  /// which nothing is known.
  public NodeState latest() {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Blocks until the first poll is done.
  public void awaitFirstPoll() throws InterruptedException {
    throw new UnsupportedOperationException("skeleton");
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException("skeleton");
  }
}
