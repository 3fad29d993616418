package dev.lifeboat.rekey;

/// The new shares are stored, and nobody here can open them: their custodians have to show that
/// they can, before the old ones lose their force.
public final class CustodiansDue extends RuntimeException {
  private final int threshold;

  CustodiansDue(String place, int threshold) {
    super("%d custodians of %s have to give their new shares".formatted(threshold, place));
    this.threshold = threshold;
  }

  /// How many of them.
  public int threshold() {
    return threshold;
  }
}
