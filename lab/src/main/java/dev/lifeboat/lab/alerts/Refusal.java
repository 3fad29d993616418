package dev.lifeboat.lab.alerts;

/// What the real service would not have taken, and what it would have answered.
final class Refusal extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;

  Refusal(int status, String message) {
    super(message);
    this.status = status;
  }

  static void unless(boolean good, String message) throws Refusal {
    if (!good) {
      throw new Refusal(400, message);
    }
  }

  int status() {
    return status;
  }
}
