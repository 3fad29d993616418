package dev.lifeboat.restore;

import dev.lifeboat.vault.SealStatus;
import java.util.Optional;
import java.util.OptionalLong;

/// A node before anything is done.
///
/// @param machine how its machine is reached
/// @param runs whether its server runs; empty when its machine cannot be asked
/// @param status empty when it does not answer
/// @param index how far its data goes, where it says so
public record Seen(
    NodeConfig node,
    String machine,
    Optional<Boolean> runs,
    Optional<SealStatus> status,
    OptionalLong index,
    boolean leads) {
  static Seen of(Node node) throws InterruptedException {
    Optional<SealStatus> status = node.look();
    long index = status.isPresent() && !status.get().sealed() ? node.appliedIndex() : -1;
    return new Seen(
        node.config(),
        node.machine().words(),
        node.runningIfKnown(),
        status,
        index < 0 ? OptionalLong.empty() : OptionalLong.of(index),
        status.isPresent() && node.leads());
  }

  /// Half a sentence.
  public String words() {
    String answer = status.map(this::answer).orElse("does not answer");
    if (runs.isEmpty()) {
      return answer + ", and its machine cannot be asked";
    }
    if (status.isPresent() == runs.get()) {
      return runs.get() ? answer : "does not run";
    }
    return runs.get() ? "runs and does not answer" : answer + ", though its machine knows nothing";
  }

  private String answer(SealStatus seal) {
    if (!seal.initialized()) {
      return "runs, holds no data";
    }
    if (seal.sealed()) {
      return "runs, is sealed";
    }
    String as = leads ? "leads" : "is open, does not lead";
    return index.isPresent() ? as + ", raft index " + index.getAsLong() : as;
  }
}
