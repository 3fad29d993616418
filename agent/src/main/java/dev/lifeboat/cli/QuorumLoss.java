package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.Catalogue;
import dev.lifeboat.backup.Manifest;
import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.restore.Seen;
import dev.lifeboat.store.StoreException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What may be lost when the nodes that are left become the cluster, beside what the newest backup
/// would bring back.
final class QuorumLoss {
  private static final String ALWAYS =
      "what only the dead nodes had: perhaps the last writes before the quorum was lost";

  /// As far as the first word of a plan's line reaches.
  private static final String NEXT = "\n            ";

  private QuorumLoss() {}

  static String words(LifeboatConfig config, List<Seen> seen, Surroundings surroundings) {
    return config
        .backup()
        .map(backup -> ALWAYS + NEXT + besides(backup, seen, surroundings))
        .orElse(ALWAYS);
  }

  private static String besides(BackupConfig backup, List<Seen> seen, Surroundings surroundings) {
    Optional<Manifest> newest;
    try (OpenCatalogue open =
        OpenCatalogue.open(backup, surroundings.clock(), List.of(), List.of())) {
      newest = newest(open.catalogue().survey());
    } catch (StoreException | KeyException e) {
      return "the newest backup is not known: "
          + String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }
    return newest
        .map(
            manifest ->
                "the newest backup, %s of %s UTC, goes up to raft index %d; %s"
                    .formatted(
                        manifest.id(),
                        Words.utc(manifest.takenAt()),
                        manifest.raft().map(Manifest.Raft::index).orElse(0L),
                        beside(manifest, seen)))
        .orElse("there is no backup to compare with");
  }

  private static Optional<Manifest> newest(Catalogue.Survey survey) {
    return survey.entries().stream()
        .filter(entry -> entry.trouble().isEmpty())
        .flatMap(entry -> entry.manifest().stream())
        .filter(manifest -> manifest.raft().isPresent())
        .findFirst();
  }

  private static String beside(Manifest manifest, List<Seen> seen) {
    Optional<Seen> most =
        seen.stream()
            .filter(each -> each.index().isPresent())
            .max(Comparator.comparingLong(each -> each.index().orElse(0)));
    if (most.isEmpty()) {
      return "how far the nodes go is seen when they are stopped";
    }
    String node = most.get().node().id();
    long index = most.get().index().orElse(0);
    long backup = manifest.raft().map(Manifest.Raft::index).orElse(0L);
    return index < backup
        ? "%s only to %d: lifeboat restore cluster brings back more".formatted(node, index)
        : "%s to %d%s".formatted(node, index, index > backup ? ": more" : "");
  }
}
