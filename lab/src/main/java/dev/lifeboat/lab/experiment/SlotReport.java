package dev.lifeboat.lab.experiment;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// How the slots of an experiment fared.
///
/// @param due every slot that came
/// @param excused those of them for whose whole length there was not one leader
/// @param orphans objects that no manifest names, after cleaning
/// @param lost runs that another one was ahead of
public record SlotReport(
    List<Instant> due,
    List<Instant> once,
    List<Instant> missing,
    List<Instant> excused,
    List<Instant> doubled,
    List<String> orphans,
    long lost) {
  /// @param unled slots without one leader for their whole length
  public static SlotReport of(List<Instant> due, Set<Instant> unled, SlotLedger ledger, long lost) {
    var once = new ArrayList<Instant>();
    var missing = new ArrayList<Instant>();
    var excused = new ArrayList<Instant>();
    var doubled = new ArrayList<Instant>();
    for (Instant slot : due) {
      int backups = ledger.backupsOf(slot).size();
      if (backups > 1) {
        doubled.add(slot);
      } else if (backups == 1) {
        once.add(slot);
      } else {
        (unled.contains(slot) ? excused : missing).add(slot);
      }
    }
    return new SlotReport(due, once, missing, excused, doubled, ledger.orphans(), lost);
  }

  public boolean good() {
    return missing.isEmpty() && doubled.isEmpty() && orphans.isEmpty() && !once.isEmpty();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        """
        %5d  slots were due
        %5d  have exactly one manifest
        %5d  have none, and no leader for their whole length
        %5d  have none though one led for their whole length%s
        %5d  have two or more%s
        %5d  objects lie about after cleaning%s
        %5d  runs found their slot taken by another
        """,
        due.size(),
        once.size(),
        excused.size(),
        missing.size(),
        named(missing),
        doubled.size(),
        named(doubled),
        orphans.size(),
        named(orphans),
        lost);
  }

  private static String named(List<?> which) {
    return which.isEmpty() ? "" : ": " + which;
  }
}
