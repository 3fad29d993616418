package dev.lifeboat.cli;

import dev.lifeboat.backup.Catalogue;
import dev.lifeboat.backup.Manifest;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Collectors;

/// A manifest in words.
final class ManifestText {
  private ManifestText() {}

  static String recipients(Manifest manifest) {
    return manifest.recipients().stream()
        .map(recipient -> "%s (%s)".formatted(recipient.comment(), recipient.id()))
        .collect(Collectors.joining(", "));
  }

  static String of(Catalogue.Entry entry, Manifest manifest, Instant now) {
    Facts facts = new Facts("backup " + entry.id());
    entry.trouble().ifPresent(trouble -> facts.add("NOT TRUSTED", trouble));
    Manifest.Cluster cluster = manifest.cluster();
    facts
        .add("cluster", "%s (%s)".formatted(cluster.name(), cluster.id()))
        .add("server", "%s %s".formatted(cluster.product(), cluster.version()))
        .add(
            "taken",
            "%s UTC, %s"
                .formatted(Words.utc(manifest.takenAt()), Words.when(manifest.takenAt(), now)))
        .add("taken from", manifest.takenFrom().toString())
        .add("taken by", "%s, lifeboat %s".formatted(manifest.node(), manifest.lifeboatVersion()))
        .add(
            "slot",
            manifest
                .slot()
                .map(
                    slot ->
                        "%s UTC%s"
                            .formatted(
                                Words.utc(slot),
                                manifest.schedule().map(name -> " of " + name).orElse("")))
                .orElse("none, by hand"))
        .add("label", manifest.label().orElse("none"))
        .add(
            "archive",
            manifest
                .raft()
                .map(
                    raft -> "raft snapshot, index %d, term %d".formatted(raft.index(), raft.term()))
                .orElse("dump of the PostgreSQL database"))
        .add("size", content(manifest.plain()))
        .add("stored", content(manifest.stored()))
        .add(
            "kit",
            manifest
                .kit()
                .map(
                    kit ->
                        "%s, %s%s"
                            .formatted(
                                Words.count(kit.files(), "file"),
                                content(kit.stored()),
                                kit.unreadable() == 0
                                    ? ""
                                    : ", %d NOT IN IT".formatted(kit.unreadable())))
                .orElse("none"))
        .add("stored in", String.join(", ", entry.stores()))
        .add("opened by", recipients(manifest))
        .add("seal", seal(manifest.seal()))
        .add("peers", peers(manifest))
        .add("mounts", mounts(manifest))
        .add("holds", counts(manifest.counts()))
        .add(
            "canary",
            manifest
                .canary()
                .map(canary -> "%s, version %d".formatted(canary.path(), canary.version()))
                .orElse("none"));
    return facts.toString();
  }

  private static String content(Manifest.Content content) {
    return "%s, sha256 %s".formatted(Words.size(content.bytes()), content.sha256());
  }

  private static String seal(Manifest.Seal seal) {
    StringBuilder text = new StringBuilder(seal.type());
    if (seal.shares() > 0) {
      text.append(", %d of %d shares".formatted(seal.threshold(), seal.shares()));
    }
    seal.keyId().ifPresent(id -> text.append(", key ").append(id));
    seal.keyEpoch().ifPresent(epoch -> text.append(", key epoch ").append(epoch));
    return text.append(", ").append(seal.storageType()).append(" storage").toString();
  }

  private static String peers(Manifest manifest) {
    return manifest.peers().stream()
        .map(
            peer ->
                "%s at %s%s"
                    .formatted(peer.id(), peer.clusterAddress(), peer.voter() ? "" : " (no vote)"))
        .collect(Collectors.joining(", "));
  }

  private static String mounts(Manifest manifest) {
    return manifest.mounts().stream()
        .map(mount -> "%s (%s)".formatted(mount.path(), mount.type()))
        .collect(Collectors.joining(", "));
  }

  private static String counts(Manifest.Counts counts) {
    return "policies: %s, auth methods: %s, entities: %s"
        .formatted(known(counts.policies()), known(counts.authMethods()), known(counts.entities()));
  }

  /// The token may not have been allowed to count them.
  private static String known(Optional<Integer> count) {
    return count.map(String::valueOf).orElse("not counted");
  }
}
