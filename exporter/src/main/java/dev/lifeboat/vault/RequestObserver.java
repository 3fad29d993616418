package dev.lifeboat.vault;

import java.time.Duration;

/// Told of every request made to a node, so that request counts and latencies can be exported.
/// Called on the requesting thread; must not block or throw.
@FunctionalInterface
public interface RequestObserver {
  RequestObserver NONE = (endpoint, outcome, took) -> {};

  /// @param endpoint a bounded name such as `sys_health`, never a path with a user's words in it
  /// @param outcome the HTTP code, or the label of a [VaultException.Reason]
  void requested(String endpoint, String outcome, Duration took);
}
