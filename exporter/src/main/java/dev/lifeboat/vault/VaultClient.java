package dev.lifeboat.vault;

import java.net.URI;

/// The way to every known node of one cluster: one HTTP client, one set of TLS rules.
public final class VaultClient implements AutoCloseable {
  /// Reads the TLS files; a missing or broken one is a [VaultException] of reason `TLS`.
  public static VaultClient open(VaultConfig config, RequestObserver observer) {
    throw new UnsupportedOperationException("skeleton");
  }

  public VaultConfig config() {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The node beside us.
  public VaultNode own() {
    throw new UnsupportedOperationException("skeleton");
  }

  /// A known peer; any other address is refused with `REDIRECT_REFUSED`.
  public VaultNode node(URI address) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The node that leads now, as our own node (or, when that one does not answer, any peer) says.
  public VaultNode active() {
    throw new UnsupportedOperationException("skeleton");
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException("skeleton");
  }
}
