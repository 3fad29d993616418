package dev.lifeboat.rekey;

import dev.lifeboat.journal.Entry.Event;
import dev.lifeboat.journal.Journal;
import dev.lifeboat.unseal.Opening;
import dev.lifeboat.unseal.Opening.Result;
import dev.lifeboat.unseal.Share;
import dev.lifeboat.unseal.Unsealing;
import dev.lifeboat.vault.SealStatus;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/// Which nodes were opened with the new shares. Until that is so of all, the old ones are needed.
///
/// It opens what is sealed, and seals nothing: whoever restarts nodes does that one by one, and
/// calls [#node] after each.
public final class Proof implements AutoCloseable {
  private static final String STEP = "prove";
  private final Journal journal;

  private Proof(Journal journal) {
    this.journal = journal;
  }

  /// What is known of one node.
  ///
  /// @param text half a sentence
  public record Line(VaultNode node, State state, String text, String hint) {}

  /// What is known.
  public enum State {
    /// It was opened with the new shares, now or before.
    PROVEN,
    /// It is open, and was not sealed since.
    OPEN,
    /// It was opened now, and it is not known whether those were the new shares.
    UNSURE,
    /// It does not open with them, or does not answer.
    NOT_OPEN
  }

  /// Goes on where it was left.
  ///
  /// @param run whose new shares they are
  public static Proof of(Path folder, String run, InstantSource clock, IntConsumer written) {
    String name = run + "-proof";
    Path file = folder.resolve(name + ".journal");
    return new Proof(
        Files.exists(file)
            ? Journal.resume(file, clock, written)
            : Journal.begin(folder, name, Map.of("kind", "proof"), clock, written));
  }

  /// Opens it when it is sealed.
  ///
  /// @param sure whether the shares are known to be the new ones: otherwise nothing is noted
  public Line node(VaultNode node, List<Share> shares, boolean sure) throws InterruptedException {
    String address = node.address().toString();
    try {
      SealStatus status = node.sealStatus();
      if (!status.sealed()) {
        return journal.noted(STEP).containsKey(address)
            ? new Line(node, State.PROVEN, "was opened with the new shares", "")
            : new Line(
                node,
                State.OPEN,
                "is open since before the rekey: not tried",
                "restart it, then the same again");
      }
    } catch (VaultException e) {
      return new Line(node, State.NOT_OPEN, e.sentence(), e.hint());
    }
    Opening opening = new Unsealing(node).open(shares, false);
    if (opening.result() == Result.OPENED && !opening.used().isEmpty()) {
      Line opened =
          new Line(
              node,
              State.UNSURE,
              opening.text() + "; nobody could say whether these are the new shares",
              "restart it, then the same again");
      return sure ? proven(new Line(node, State.UNSURE, opening.text(), "")) : opened;
    }
    return new Line(node, State.NOT_OPEN, opening.text(), opening.hint());
  }

  /// The shares that have opened it turned out to be the new ones.
  public Line proven(Line opened) {
    journal.note(STEP, Map.of(opened.node().address().toString(), "opened"));
    return new Line(opened.node(), State.PROVEN, opened.text(), "");
  }

  /// All of them are.
  public void complete() {
    if (journal.last(Event.ENDED, "").isEmpty()) {
      journal.write(Event.ENDED, "", Map.of());
    }
  }

  @Override
  public void close() {
    journal.close();
  }
}
