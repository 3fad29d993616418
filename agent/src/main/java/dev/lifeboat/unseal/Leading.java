package dev.lifeboat.unseal;

import dev.lifeboat.vault.Leader;
import dev.lifeboat.vault.RequestObserver;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.vault.VaultConfig;
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
   * whether that one is up or not (measured on OpenBao 2.7.2). So who is named is asked as well, as
   * anybody may: without a token, and whether it is a known peer or not.
   */
  private static final Duration POLL = Duration.ofMillis(250);

  private final VaultConfig config;

  /// @param config by whose rules of TLS a node is asked
  public Leading(VaultConfig config) {
    this.config = config;
  }

  /// The address of the one that all of these nodes name and that says so itself; empty after
  /// `bound`.
  public Optional<URI> await(List<VaultNode> open, Duration bound) throws InterruptedException {
    long deadline = System.nanoTime() + bound.toNanos();
    while (true) {
      Optional<URI> leader = agreed(open);
      if (leader.isPresent() || System.nanoTime() >= deadline) {
        return leader;
      }
      Thread.sleep(POLL);
    }
  }

  private Optional<URI> agreed(List<VaultNode> open) {
    try {
      Set<URI> named = new HashSet<>();
      boolean confirmed = false;
      for (VaultNode node : open) {
        Leader leader = node.leader();
        boolean itself = leader.self() || !leader.haEnabled();
        // Its address as the others know it, which need not be the one that we ask.
        Optional<URI> address = leader.address();
        if (address.isEmpty() && !itself) {
          return Optional.empty();
        }
        named.add(address.orElse(node.address()));
        confirmed |= itself;
      }
      if (named.size() != 1) {
        return Optional.empty();
      }
      URI leader = named.iterator().next();
      return confirmed || saysItLeads(leader) ? Optional.of(leader) : Optional.empty();
    } catch (VaultException e) {
      // Asked again until the time is up.
      return Optional.empty();
    }
  }

  /// Whether the node at this address says so itself; false when it does not answer.
  public boolean leads(URI address) {
    try {
      return saysItLeads(address);
    } catch (VaultException e) {
      return false;
    }
  }

  private boolean saysItLeads(URI address) {
    VaultConfig there =
        new VaultConfig(
            address,
            List.of(),
            0,
            Optional.empty(),
            config.tls(),
            new VaultConfig.Auth.None(),
            config.connectTimeout(),
            config.requestTimeout());
    try (VaultClient client = VaultClient.open(there, RequestObserver.NONE)) {
      return client.own().leader().self();
    }
  }
}
