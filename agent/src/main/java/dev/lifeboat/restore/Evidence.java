package dev.lifeboat.restore;

import dev.lifeboat.vault.AutopilotState;
import java.net.URI;
import java.util.Optional;
import java.util.OptionalLong;

/// What is known of one node beside the others.
///
/// @param seen at the first look
/// @param later how far its data goes a few seconds after that
/// @param leader who leads; empty when nobody does
/// @param autopilot what the leader says of it; empty when it says nothing or could not be asked
/// @param follows whom it names as leader
/// @param trouble why a value that the leader reads is not read at it, or is another one there
record Evidence(
    Seen seen,
    OptionalLong later,
    Optional<Leading> leader,
    Optional<AutopilotState.Server> autopilot,
    Optional<URI> follows,
    ServerLog log,
    Optional<String> trouble) {

  /// @param index how far its data went at the first look
  record Leading(String node, long index, Optional<URI> address) {}

  private boolean leads() {
    return leader.filter(each -> each.node().equals(seen.node().id())).isPresent();
  }

  /// In the order in which one explains the other.
  Finding finding() {
    if (seen.status().isEmpty()) {
      return silent();
    }
    if (!seen.status().get().initialized()) {
      return new Finding(Verdict.EMPTY, "it holds no data");
    }
    if (seen.status().get().sealed()) {
      return log.damage(false)
          .map(line -> new Finding(Verdict.DAMAGED, "is sealed, and its log says: " + line))
          .or(
              () ->
                  log.disk(false)
                      .map(
                          line ->
                              new Finding(Verdict.DISK, "is sealed, and its log says: " + line)))
          .orElseGet(
              () ->
                  new Finding(
                      Verdict.SEALED,
                      "it is sealed; where the right shares do not open it, it is damaged"));
    }
    return open();
  }

  private Finding silent() {
    if (seen.runs().isEmpty()) {
      return new Finding(
          Verdict.UNKNOWN,
          "it does not answer, and its machine cannot be asked: %s".formatted(seen.machine()));
    }
    String how = seen.runs().get() ? "runs and does not answer" : "does not run";
    return log.damage(false)
        .map(line -> new Finding(Verdict.DAMAGED, "%s; its log says: %s".formatted(how, line)))
        .or(
            () ->
                log.disk(false)
                    .map(
                        line ->
                            new Finding(Verdict.DISK, "%s; its log says: %s".formatted(how, line))))
        .orElseGet(
            () ->
                new Finding(
                    seen.runs().get() ? Verdict.UNKNOWN : Verdict.STOPPED,
                    log.read()
                        ? how + "; its log says nothing of its storage"
                        : how + ", and its log cannot be read"));
  }

  private Finding open() {
    if (trouble.isPresent()) {
      return new Finding(Verdict.DAMAGED, trouble.get());
    }
    Optional<String> damage = log.damage(true);
    if (damage.isPresent()) {
      return new Finding(Verdict.DAMAGED, "its log says: " + damage.get());
    }
    Optional<String> disk = log.disk(true);
    if (disk.isPresent()) {
      return new Finding(Verdict.DISK, "its log says: " + disk.get());
    }
    return leader.isPresent() && !leads()
        ? beside(leader.get())
        : new Finding(Verdict.SOUND, "nothing is seen against it");
  }

  private Finding beside(Leading leading) {
    // Where data lies in a database, nobody has an index.
    if (leading.index() >= 0 && later.isEmpty()) {
      return new Finding(Verdict.UNKNOWN, "it does not say any more how far its data goes");
    }
    long now = later.orElse(-1);
    if (now < leading.index()) {
      if (seen.index().isEmpty()) {
        return new Finding(
            Verdict.UNKNOWN, "whether it comes on is not seen: it said its raft index only once");
      }
      boolean moved = now > seen.index().getAsLong();
      String where =
          "raft index %d, where %s was at %d".formatted(now, leading.node(), leading.index());
      return moved
          ? new Finding(Verdict.BEHIND, "it is behind and catches up: " + where)
          : new Finding(Verdict.DAMAGED, "it is stuck at " + where);
    }
    if (follows.isPresent()
        && leading.address().isPresent()
        && !follows.equals(leading.address())) {
      return new Finding(
          Verdict.UNKNOWN, "it follows %s, and %s leads".formatted(follows.get(), leading.node()));
    }
    return autopilot
        .filter(server -> !server.healthy())
        .map(
            server ->
                new Finding(
                    Verdict.UNKNOWN,
                    "autopilot calls it unhealthy: last contact %s, index %d"
                        .formatted(
                            server
                                .lastContact()
                                .map(d -> d.toMillis() + " ms ago")
                                .orElse("unknown"),
                            server.lastIndex())))
        .orElseGet(() -> new Finding(Verdict.SOUND, "nothing is seen against it"));
  }

  /// @param why half a sentence
  record Finding(Verdict verdict, String why) {}
}
