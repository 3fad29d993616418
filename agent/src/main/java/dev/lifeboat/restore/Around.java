package dev.lifeboat.restore;

import dev.lifeboat.journal.Step;
import java.util.List;
import java.util.Set;

/// What a restore of a whole cluster has to do besides.
///
/// @param planned `host:port` that may still answer when it is planned: what is there is stopped
/// @param passed the same later, just before the snapshot is submitted
/// @param before when the backup is decrypted, and before the nodes are stopped
/// @param serving when most of the nodes are proven
/// @param last when all of them are
record Around(
    Set<String> planned, Passed passed, List<Step> before, List<Step> serving, List<Step> last) {
  static final Around NOTHING = new Around(Set.of(), Set::of, List.of(), List.of(), List.of());

  Around {
    planned = Set.copyOf(planned);
    before = List.copyOf(before);
    serving = List.copyOf(serving);
    last = List.copyOf(last);
  }

  /// Looked at again, because somebody may have opened it meanwhile.
  interface Passed {
    Set<String> get() throws InterruptedException;
  }
}
