package dev.lifeboat.retention;

import java.util.Locale;

/// Why a plan must not be carried out.
///
/// @param message one sentence; @param hint the next action
public record Refusal(Reason reason, String message, String hint) {
  public enum Reason {
    /// A backup is from the future: this clock or the one that took it is wrong.
    CLOCK,
    /// More would go at once than a policy that has been at work for long lets go.
    SHARE;

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
