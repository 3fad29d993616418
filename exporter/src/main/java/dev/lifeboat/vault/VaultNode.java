package dev.lifeboat.vault;

import dev.lifeboat.config.Secret;
import java.net.URI;
import java.time.Duration;
import tools.jackson.databind.JsonNode;

/// One node's API. Every call blocks, is bounded in time and in size, and throws [VaultException]
/// when it did not give what it says.
public final class VaultNode {
  VaultNode() {}

  public URI address() {
    throw new UnsupportedOperationException("skeleton");
  }

  /// No token; any HTTP code with a health body is an answer.
  public Health health() {
    throw new UnsupportedOperationException("skeleton");
  }

  /// No token.
  public SealStatus sealStatus() {
    throw new UnsupportedOperationException("skeleton");
  }

  /// No token.
  public Leader leader() {
    throw new UnsupportedOperationException("skeleton");
  }

  public RaftConfiguration raftConfiguration(Secret token) {
    throw new UnsupportedOperationException("skeleton");
  }

  public AutopilotState autopilot(Secret token) {
    throw new UnsupportedOperationException("skeleton");
  }

  public HaStatus haStatus(Secret token) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// `GET /v1/{path}`; the whole answer body.
  public JsonNode read(String path, Secret token) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// `LIST /v1/{path}`; the whole answer body. Nothing there is `NOT_FOUND`.
  public JsonNode list(String path, Secret token) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// `GET /v1/sys/storage/raft/snapshot`, redirects to known peers followed.
  public SnapshotStream snapshot(Secret token, Duration stallTimeout) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// vault-java-driver on our own HTTP client (no redirects, our TLS), for `canary` and logins.
  public io.github.jopenlibs.vault.Vault driver(Secret token) {
    throw new UnsupportedOperationException("skeleton");
  }
}
