package dev.lifeboat.cli;

import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Manifest;
import dev.lifeboat.restore.Report;
import dev.lifeboat.restore.Restoring;
import dev.lifeboat.restore.Seen;
import dev.lifeboat.status.Printable;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/// What `lifeboat restore` prints: the plan, and how it ended.
final class RestoreText {
  /// Facts of a step that are not for people.
  private static final Set<String> SILENT = Set.of("seconds", "file");

  private RestoreText() {}

  /// What is about the backup.
  ///
  /// @param newestEpoch of the backups of this cluster
  static String backup(Entry entry, Manifest manifest, OptionalInt newestEpoch, Instant now) {
    Manifest.Cluster cluster = manifest.cluster();
    Manifest.Seal seal = manifest.seal();
    Facts facts =
        new Facts("backup " + entry.id())
            .add("cluster", "%s (%s)".formatted(cluster.name(), cluster.id()))
            .add(
                "taken",
                "%s UTC, %s%s"
                    .formatted(
                        Words.utc(manifest.takenAt()),
                        Words.when(manifest.takenAt(), now),
                        manifest.raft().map(raft -> ", raft index " + raft.index()).orElse("")))
            .add("server", "%s %s".formatted(cluster.product(), cluster.version()))
            .add("signed by", manifest.node() + ", a trusted signer")
            .add("verified", entry.verified())
            .add(
                "seal",
                seal.type().equals("shamir")
                    ? "shamir, %d of %d shares".formatted(seal.threshold(), seal.shares())
                    : seal.type());
    seal.keyEpoch()
        .filter(epoch -> epoch < newestEpoch.orElse(0))
        .ifPresent(
            epoch ->
                facts.add(
                    "KEY EPOCH",
                    "%d, and there are backups of %d: the keys were changed since. The shares of"
                            .formatted(epoch, newestEpoch.orElse(0))
                        + " then open it, and tokens, roles and secrets of then are valid again"));
    return facts + "\n";
  }

  /// What becomes of a snapshot.
  ///
  /// @param loses in half a sentence
  /// @param shares where those will come from that open the backup
  static String plan(
      Manifest manifest,
      List<Seen> seen,
      Restoring.Run run,
      List<String> steps,
      String loses,
      String shares) {
    StringBuilder text = new StringBuilder();
    text.append(nodes(seen)).append('\n').append(steps(steps, run)).append('\n');
    text.append(
        """
        overwrites  nothing: what is in those folders is moved, and stays there until you delete it
        loses       %s
        needs       shares: %s
        """
            .formatted(loses, Printable.of(shares)));
    if (manifest.seal().type().equals("shamir")) {
      text.append("unknown     whether the shares are right, before the snapshot is in\n");
    }
    return text.append('\n').toString();
  }

  /// What a backup has not.
  static String loses(Manifest manifest) {
    return "what was written after %s UTC".formatted(Words.utc(manifest.takenAt()));
  }

  /// What becomes of the dump of a database.
  ///
  /// @param database in half a sentence
  static String plan(
      Manifest manifest,
      List<Seen> seen,
      String database,
      Restoring.Run run,
      List<String> steps,
      String shares) {
    return nodes(seen)
        + "\ndatabase  %s\n\n".formatted(Printable.of(database))
        + steps(steps, run)
        + """

            overwrites  nothing: the database is empty, and the one of before is not touched
            loses       what was written after %s UTC, for whoever asks these nodes
            needs       shares: %s
                        connection_url of every node naming the database above
            unknown     whether it does, before that node is started: only its own file says
                        whether the shares are right, before the data is in
                        whether a server that is not in restore.nodes keeps its data there as well

            """
            .formatted(Words.utc(manifest.takenAt()), Printable.of(shares));
  }

  /// Of a run that needs no backup.
  static String plan(
      List<Seen> seen, Restoring.Run run, List<String> steps, String loses, String shares) {
    return nodes(seen)
        + "\n"
        + steps(steps, run)
        + """

        overwrites  nothing: what is in a storage folder is moved or copied, and stays there
        loses       %s
        needs       shares: %s

        """
            .formatted(loses, Printable.of(shares));
  }

  static String nodes(List<Seen> seen) {
    Table table = new Table("NODE", "ADDRESS", "ON", "NOW");
    for (Seen each : seen) {
      table.row(each.node().id(), each.node().address().toString(), each.machine(), each.words());
    }
    return table.toString();
  }

  static String steps(List<String> steps, Restoring.Run run) {
    StringBuilder text = new StringBuilder();
    run.earlier()
        .ifPresent(
            earlier ->
                text.append(
                    "run %s was begun at %s UTC and has not ended; %s\n"
                        .formatted(
                            run.name(),
                            Words.utc(earlier.begun()),
                            "what it has done is not done again")));
    int number = 0;
    for (String step : steps) {
      text.append("%3d  %s%n".formatted(++number, Printable.of(step)));
    }
    return text.toString();
  }

  /// `; index 1234, leader node-1`
  static String facts(Map<String, String> facts) {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(facts)
        .forEach(
            (name, value) -> {
              if (!SILENT.contains(name)) {
                text.append(text.isEmpty() ? "; " : ", ").append(name).append(' ').append(value);
              }
            });
    return text.toString();
  }

  /// What is left to do when the cluster lives in another region.
  static String moved(String region, Report report) {
    List<String> down =
        report.phases().stream()
            .filter(phase -> "given up".equals(phase.facts().get("fenced")))
            .map(phase -> phase.step().replaceFirst("^stop ", ""))
            .toList();
    String text =
        "next: restore.nodes = ${restore.regions.%s.nodes}, vault and backup of the agents there%n"
            .formatted(region);
    return down.isEmpty()
        ? text
        : text
            + "next: keep %s down: with its old data it serves as before when its machine is back%n"
                .formatted(String.join(", ", down));
  }

  static String end(Report report) {
    StringBuilder text = new StringBuilder();
    report
        .missing()
        .forEach(
            (node, why) -> {
              String[] parts = why.split("\nhint: ", 2);
              text.append("%s  NOT BACK  %s%n".formatted(node, Printable.of(parts[0])));
              if (parts.length > 1) {
                text.append("  hint: %s%n".formatted(Printable.of(parts[1])));
              }
            });
    text.append(
        "%s: %s after %s, %s proven%n"
            .formatted(
                report.run(),
                report.whole() ? "all back" : "NOT ALL BACK",
                Words.took(report.took()),
                report.proven().isEmpty() ? "no node" : String.join(", ", report.proven())));
    return text.toString();
  }
}
