package dev.lifeboat.rekey;

import dev.lifeboat.unseal.Share;
import java.util.List;
import java.util.Map;

/// Whether shares that somebody gives are the new ones of a run.
///
/// @param shares those of them that may be: others may lie beside them
public record Recognised(State state, List<Share> shares) {
  /// What the record of the run says.
  public enum State {
    /// They are: the run has seen each of them.
    NEW,
    /// They are not, or too few of them are.
    OTHERS,
    /// The server has encrypted the new ones to PGP keys, so that the run has seen none. They are
    /// not the old ones that it was given.
    UNKNOWN
  }

  public Recognised {
    shares = List.copyOf(shares);
  }

  /// @param notes of the run
  /// @param needed so many at once are worth something
  public static Recognised of(Map<String, String> notes, List<Share> shares, int needed) {
    List<Share> distinct = Share.distinct(shares);
    Marks kept = Marks.parse(notes.getOrDefault(Exchange.KEPT_DIGESTS, ""));
    Marks old = Marks.parse(notes.getOrDefault(Exchange.OLD_DIGESTS, ""));
    List<Share> possible =
        distinct.stream()
            .filter(share -> kept.isEmpty() ? !old.has(share) : kept.has(share))
            .toList();
    if (possible.size() < needed) {
      return new Recognised(State.OTHERS, distinct);
    }
    return new Recognised(kept.isEmpty() ? State.UNKNOWN : State.NEW, possible);
  }
}
