package dev.lifeboat.sandbox;

import java.time.Duration;

/// How fast raft notices a dead leader, and autopilot a new voter.
///
/// @param performanceMultiplier 1 to 10; the servers' own default is 5, their documentation
///   recommends 1 for production
/// @param autopilotReconcile how often autopilot promotes and prunes
/// @param autopilotUpdate how often it looks at the nodes
public record RaftTiming(
    int performanceMultiplier, Duration autopilotReconcile, Duration autopilotUpdate) {
  /// What a server does that is not told anything.
  public static final RaftTiming DEFAULT =
      new RaftTiming(5, Duration.ofSeconds(10), Duration.ofSeconds(2));

  /// A dead leader is replaced in about 4 s, a joining node votes within a second or two.
  public static final RaftTiming QUICK =
      new RaftTiming(1, Duration.ofMillis(500), Duration.ofMillis(200));
}
