package dev.lifeboat.backup;

/// Told when a run reaches each point at which a death would leave something different behind. The
/// lab holds a real process there and kills it; everyone else uses [#NONE].
@FunctionalInterface
public interface Milestones {
  Milestones NONE = milestone -> {};

  enum Milestone {
    CANARY_WRITTEN,
    STREAM_BEGUN,
    STREAM_HALF,
    SPOOL_WRITTEN,
    SPOOL_DURABLE,
    PROVEN,
    DATA_STORED,
    KEYS_STORED,
    MANIFEST_STORED
  }

  void reached(Milestone milestone);
}
