package dev.lifeboat.rekey;

/// How a key is split.
///
/// @param threshold how many of the shares are needed
public record Shape(int shares, int threshold) {
  private static final int SHARES_MAX = 255;

  /// What is wrong with it; empty when nothing is.
  public String objection() {
    if (shares < 1 || shares > SHARES_MAX) {
      return "1 to %d shares can be made, not %d".formatted(SHARES_MAX, shares);
    }
    if (threshold < 1 || threshold > shares) {
      return "of %d shares 1 to %d can be needed, not %d".formatted(shares, shares, threshold);
    }
    return threshold == 1 && shares > 1
        ? "a key of which one share is enough is not split: 1 of 1, or a threshold from 2"
        : "";
  }

  /// `3 of 5`.
  @Override
  public String toString() {
    return "%d of %d".formatted(threshold, shares);
  }
}
