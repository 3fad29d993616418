package dev.lifeboat.vault;

import dev.lifeboat.vault.VaultException.Reason;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The way to every known node of one cluster: one HTTP client, one set of TLS rules.
public final class VaultClient implements AutoCloseable {
  private final VaultConfig config;
  private final PeerHttpClient http;
  private final VaultNode own;
  private final Map<Authority, VaultNode> nodes;

  private VaultClient(VaultConfig config, RequestObserver observer) {
    var addresses = new LinkedHashMap<Authority, URI>();
    addresses.put(Authority.of(config.address()), config.address());
    config.peers().forEach(peer -> addresses.putIfAbsent(Authority.of(peer), peer));
    this.config = config;
    this.http =
        new PeerHttpClient(
            config.connectTimeout(),
            config.requestTimeout(),
            TlsRules.of(config.tls()),
            addresses.keySet(),
            observer);
    this.own = new VaultNode(config.address(), config, http, observer);
    var known = new LinkedHashMap<Authority, VaultNode>();
    addresses.forEach(
        (authority, address) ->
            known.put(authority, new VaultNode(address, config, http, observer)));
    known.put(Authority.of(config.address()), own);
    this.nodes = Collections.unmodifiableMap(known);
  }

  /// Reads the TLS files; a missing or broken one is a [VaultException] of reason `TLS`.
  public static VaultClient open(VaultConfig config, RequestObserver observer) {
    return new VaultClient(config, observer);
  }

  public VaultConfig config() {
    return config;
  }

  /// The node beside us.
  public VaultNode own() {
    return own;
  }

  /// Every known node, our own first, then the peers as they are configured.
  public List<VaultNode> nodes() {
    return List.copyOf(nodes.values());
  }

  /// A known peer; any other address is refused with `REDIRECT_REFUSED`.
  public VaultNode node(URI address) {
    VaultNode node = nodes.get(Authority.of(address));
    if (node == null) {
      throw new VaultException(
          Reason.REDIRECT_REFUSED,
          Authority.of(address)
              + " is not a known peer\nhint: when it is a node of this cluster, add it to"
              + " vault.peers");
    }
    return node;
  }

  /// The node that leads now, as our own node (or, when that one does not answer, any peer) says.
  public VaultNode active() {
    var asked = new ArrayList<VaultNode>(List.of(own));
    nodes.values().stream().filter(node -> node != own).forEach(asked::add);
    VaultException first = null;
    for (VaultNode node : asked) {
      try {
        Leader leader = node.leader();
        if (leader.self() || !leader.haEnabled()) {
          return node;
        }
        if (leader.address().isPresent()) {
          return node(leader.address().get());
        }
      } catch (VaultException failed) {
        if (failed.reason() == Reason.REDIRECT_REFUSED) {
          throw failed;
        }
        if (first == null) {
          first = failed;
        } else {
          first.addSuppressed(failed);
        }
      }
    }
    if (first != null && first.getSuppressed().length == asked.size() - 1) {
      throw first;
    }
    throw new VaultException(
        Reason.NO_LEADER,
        "no node leads\nhint: lifeboat status shows each node; an election takes seconds");
  }

  @Override
  public void close() {
    http.close();
  }
}
