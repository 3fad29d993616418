package dev.lifeboat.unseal;

import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultNode;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Waits until open nodes serve: an open node alone does nothing, a majority has to elect one.
public final class Leading {
  /*
   * A node that was just opened names the leader of before, which its copy of the data still has,
   * whether that one is up or not (measured on OpenBao 2.7.2). So who is named is asked as well.
   */
  private static final Duration POLL = Duration.ofMillis(250);

  private final VaultClient client;

  public Leading(VaultClient client) {
    this.client = client;
  }

  /// Who leads, as open nodes say.
  ///
  /// @param confirmed whether it says so itself; else it is no known peer, and was not asked
  public record Leader(URI address, boolean confirmed) {}

  /// The one that all of these nodes name; empty after `bound`.
  public Optional<Leader> await(List<VaultNode> open, Duration bound) throws InterruptedException {
    long deadline = System.nanoTime() + bound.toNanos();
    while (true) {
      Optional<Leader> leader = agreed(open);
      if (leader.isPresent() || System.nanoTime() >= deadline) {
        return leader;
      }
      Thread.sleep(POLL);
    }
  }

  private Optional<Leader> agreed(List<VaultNode> open) {
    try {
      Set<URI> named = new HashSet<>();
      for (VaultNode node : open) {
        Optional<URI> address = named(node);
        if (address.isEmpty()) {
          return Optional.empty();
        }
        named.add(address.get());
      }
      return named.size() == 1 ? confirmed(named.iterator().next()) : Optional.empty();
    } catch (VaultException e) {
      // Asked again until the time is up.
      return Optional.empty();
    }
  }

  private static Optional<URI> named(VaultNode node) {
    var leader = node.leader();
    return leader.self() || !leader.haEnabled() ? Optional.of(node.address()) : leader.address();
  }

  private Optional<Leader> confirmed(URI address) {
    VaultNode node;
    try {
      node = client.node(address);
    } catch (VaultException unknownPeer) {
      return Optional.of(new Leader(address, false));
    }
    var leader = node.leader();
    return leader.self() || !leader.haEnabled()
        ? Optional.of(new Leader(address, true))
        : Optional.empty();
  }
}
