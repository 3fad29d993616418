package dev.lifeboat.retention;

import java.util.List;

/// What becomes of one backup, and why.
///
/// @param reasons at least one; of a backup that goes, which rules it is not among
public record Decision(Item item, Verdict verdict, List<String> reasons) {
  public enum Verdict {
    KEEP,
    EXPIRE
  }

  public Decision {
    reasons = List.copyOf(reasons);
  }

  public boolean expires() {
    return verdict == Verdict.EXPIRE;
  }

  public String reason() {
    return String.join(", ", reasons);
  }
}
