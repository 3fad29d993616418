package dev.lifeboat.status;

import dev.lifeboat.watch.Role;

/// The short words that the page and the text share.
final class Verdict {
  private Verdict() {}

  /// `all is well`, `1 problem`, `2 problems`. Of the other nodes only the agent beside the active
  /// one knows anything, and only with a login.
  static String of(Status status) {
    int problems = status.problems().size();
    if (problems > 0) {
      return Words.count(problems, "problem");
    }
    return status.peers().isEmpty()
        ? "this node is well; the others are not known here"
        : "all is well";
  }

  static String state(Role role) {
    return switch (role) {
      case ACTIVE -> "active";
      case STANDBY -> "standby";
      case PERF_STANDBY -> "performance standby";
      case DR_SECONDARY -> "DR secondary";
      case SEALED -> "sealed";
      case UNINITIALIZED -> "not initialised";
      case REMOVED -> "removed";
      case UNREACHABLE -> "unreachable";
    };
  }

  static String role(Status.Peer peer) {
    return peer.leader() ? "leader" : peer.voter() ? "voter" : "non-voter";
  }

  static String health(Status.Peer peer) {
    return peer.healthy().map(healthy -> healthy ? "healthy" : "unhealthy").orElse("not known");
  }

  static String verified(Status.Backup backup) {
    return backup
        .trouble()
        .map(why -> "not trusted: " + why)
        .orElse(backup.verified().orElse("not yet"));
  }

  /// How many backups there are, as far as it is known.
  static String stored(Status.Backups backups) {
    return switch (backups.stores()) {
      case READ -> Integer.toString(backups.total());
      case PARTLY -> backups.total() + " in the stores that can be read";
      case NOT_YET -> "not read yet";
      case UNREADABLE -> "not known: the stores cannot be read";
    };
  }
}
