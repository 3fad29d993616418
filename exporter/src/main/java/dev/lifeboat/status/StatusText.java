package dev.lifeboat.status;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// A [Status] as plain text for a terminal: aligned, problems first, no colour and no width
/// assumed.
public final class StatusText {
  private static final String UNKNOWN = "-";

  private final StringBuilder out = new StringBuilder();

  private StatusText() {}

  /// Lines of text, each ended.
  public static String render(Status status) {
    StatusText text = new StatusText();
    text.line(
        "%s is %s, %s"
            .formatted(
                status.node().name(), Verdict.state(status.node().role()), Verdict.of(status)));
    text.problems(status.problems());
    text.node(status);
    text.peers(status);
    status.backups().ifPresent(backups -> text.backups(backups, status.at()));
    return text.out.toString();
  }

  private void problems(List<Status.Trouble> problems) {
    for (Status.Trouble problem : problems) {
      line("");
      line("%-9s %s".formatted(problem.severity(), problem.text()));
      line("%-9s hint: %s".formatted("", problem.hint()));
    }
  }

  private void node(Status status) {
    Status.Node node = status.node();
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("address", node.address().toString()));
    node.product()
        .or(() -> node.version().map(version -> "version"))
        .ifPresent(product -> rows.add(List.of("runs", product + " " + known(node.version()))));
    node.clusterName().ifPresent(name -> rows.add(List.of("cluster", name)));
    node.clusterId().ifPresent(id -> rows.add(List.of("cluster id", id)));
    node.sealType().ifPresent(type -> rows.add(List.of("seal", type)));
    node.storageType().ifPresent(type -> rows.add(List.of("storage", type)));
    node.leader().ifPresent(leader -> rows.add(List.of("leader", leader.toString())));
    node.activeSince().ifPresent(at -> rows.add(List.of("active since", when(at, status.at()))));
    node.raftAppliedIndex()
        .ifPresent(
            applied ->
                rows.add(
                    List.of(
                        "raft index",
                        applied + " applied, " + known(node.raftCommittedIndex()) + " committed")));
    rows.add(List.of("asked", when(node.polledAt(), status.at())));
    section("NODE", rows);
  }

  private void peers(Status status) {
    if (status.peers().isEmpty()) {
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("ID", "ADDRESS", "ROLE", "HEALTH", "BEHIND", "LAST CONTACT", "VERSION"));
    for (Status.Peer peer : status.peers()) {
      rows.add(
          List.of(
              peer.id(),
              peer.address(),
              Verdict.role(peer),
              Verdict.health(peer),
              known(peer.indexLag()),
              peer.lastContact().map(Words::seconds).orElse(UNKNOWN),
              known(peer.version())));
    }
    section("PEERS", rows);
  }

  private void backups(Status.Backups backups, Instant now) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("stored", Verdict.stored(backups)));
    rows.add(
        List.of(
            "next run",
            backups
                .nextRun()
                .map(at -> when(at, now))
                .map(at -> backups.nextSchedule().map(name -> at + ", " + name).orElse(at))
                .orElse("by hand only")));
    if (backups.inProgress()) {
      rows.add(List.of("now", "one is being taken"));
    }
    section("BACKUPS", rows);
    if (backups.latest().isEmpty()) {
      return;
    }
    List<List<String>> table = new ArrayList<>();
    table.add(List.of("ID", "TAKEN", "BY", "RAFT INDEX", "SIZE", "STORED", "IN", "VERIFIED"));
    for (Status.Backup backup : backups.latest()) {
      table.add(
          List.of(
              backup.id(),
              Words.ago(backup.takenAt(), now),
              backup.node(),
              backup.raftIndex().map(String::valueOf).orElse("-"),
              Words.size(backup.plainBytes()),
              Words.size(backup.storedBytes()),
              String.join(", ", backup.stores()),
              Verdict.verified(backup)));
    }
    line("");
    rows(table);
  }

  private void section(String title, List<List<String>> rows) {
    line("");
    line(title);
    rows(rows);
  }

  /// Columns as wide as their widest cell, two spaces apart; the last one is not padded.
  private void rows(List<List<String>> rows) {
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder cells = new StringBuilder(" ");
      for (int i = 0; i < columns; i++) {
        cells.append(' ').append(row.get(i));
        cells.append(" ".repeat(widths[i] - row.get(i).length() + 1));
      }
      line(cells.toString().stripTrailing());
    }
  }

  private void line(String line) {
    out.append(Printable.of(line)).append('\n');
  }

  private static String when(Instant at, Instant now) {
    return Words.ago(at, now) + " (" + Words.utc(at) + ")";
  }

  private static String known(Optional<String> value) {
    return value.orElse(UNKNOWN);
  }

  private static String known(OptionalLong value) {
    return value.isPresent() ? Long.toString(value.getAsLong()) : UNKNOWN;
  }
}
