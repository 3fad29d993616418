package dev.lifeboat.unseal;

import java.net.URI;
import java.util.List;
import java.util.Locale;

/// What became of one node.
///
/// @param given how many shares it has now, when it is still sealed
/// @param threshold how many it needs; 0 when it did not say
/// @param used the shares that opened it; empty when these did not
/// @param text half a sentence
/// @param hint what to do; empty when there is nothing to do
public record Opening(
    URI address,
    Result result,
    int given,
    int threshold,
    List<Share> used,
    String text,
    String hint) {
  /// How it ended.
  public enum Result {
    /// Sealed before, open now.
    OPENED,
    /// Open before; nothing was sent.
    OPEN,
    /// It took the share, and waits for those of others.
    TAKEN,
    /// Fewer shares than it needs; nothing was sent.
    TOO_FEW,
    /// No combination of the shares opens it.
    WRONG_SHARES,
    /// Somebody else gives it shares at the same time.
    FOREIGN_SHARES,
    /// It opens itself, when its key answers.
    AUTO_UNSEAL,
    /// It holds no data yet.
    UNINITIALIZED,
    /// It refuses shares for another reason, which the text has.
    REFUSED,
    /// It does not answer.
    UNREACHABLE;

    public boolean open() {
      return this == OPENED || this == OPEN;
    }

    /// `wrong-shares`, as in JSON.
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  public Opening {
    used = List.copyOf(used);
  }
}
