package dev.lifeboat.backup;

import java.util.EnumSet;
import java.util.Set;

/// Told when a run or an expiry reaches each point at which a death would leave something different
/// behind. The lab holds a real process there and kills it; everyone else uses [#NONE].
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
    MANIFEST_STORED,
    EXPIRY_MANIFEST_GONE,
    EXPIRY_KEYS_GONE,
    EXPIRY_DATA_GONE;

    /// Those of a run, in their order.
    public static Set<Milestone> ofRun() {
      return EnumSet.range(CANARY_WRITTEN, MANIFEST_STORED);
    }

    /// Those of an expiry, in their order, once for each backup.
    public static Set<Milestone> ofExpiry() {
      return EnumSet.range(EXPIRY_MANIFEST_GONE, EXPIRY_DATA_GONE);
    }
  }

  void reached(Milestone milestone);

  /// A journal has this many lines on the disk.
  default void journalled(int line) {}
}
