package dev.lifeboat.restore;

import dev.lifeboat.backup.Manifest;
import dev.lifeboat.vault.SealStatus;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Whether a server can take a backup at all.
final class ServerCheck {
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");
  private static final int NUMBERS = 3;

  private ServerCheck() {}

  /// Refuses one of the other product, an older one, and one with another kind of seal.
  static void require(String node, SealStatus server, Manifest manifest) {
    String product = server.product().name().toLowerCase(Locale.ROOT);
    Manifest.Cluster taken = manifest.cluster();
    if (!product.equals(taken.product())) {
      throw RestoreException.refused(
          "%s runs %s, and the backup is of %s\nhint: neither reads the other's snapshots"
              .formatted(node, product, taken.product()));
    }
    if (older(server.version(), taken.version())) {
      throw RestoreException.refused(
          "%s runs version %s, and the backup is of %s: an older server does not understand it\n"
                  .formatted(node, server.version(), taken.version())
              + "hint: install %s or newer on every node".formatted(taken.version()));
    }
    if (!server.type().equals(manifest.seal().type())) {
      throw RestoreException.refused(
          "%s is sealed by %s, and the backup by %s: it would not open\nhint: %s"
              .formatted(
                  node,
                  server.type(),
                  manifest.seal().type(),
                  "give the node the seal stanza that the cluster had, and the same key"));
    }
    boolean raft = manifest.raft().isPresent();
    if (!server.storageType().equals(raft ? "raft" : "postgresql")) {
      throw RestoreException.refused(
          "%s keeps its data in %s, and %s"
              .formatted(
                  node,
                  server.storageType(),
                  raft
                      ? "a snapshot goes into raft"
                      : "the dump of a database goes into PostgreSQL"));
    }
  }

  /// Refuses a node that serves another cluster than the one that was backed up: a wrong
  /// `restore.nodes` or a wrong backup.
  ///
  /// @param replaces the name of another cluster that may be replaced
  static void refuseOther(
      String node, SealStatus server, Manifest.Cluster taken, Optional<String> replaces) {
    Optional<String> id = server.clusterId().filter(each -> !each.equals(taken.id()));
    String name = server.clusterName().orElse("");
    if (id.isPresent() && !taken.id().isEmpty() && !replaces.equals(Optional.of(name))) {
      throw RestoreException.refused(
          "%s serves another cluster, '%s' (%s), and the backup is of '%s' (%s)\nhint: %s"
              .formatted(
                  node,
                  name,
                  id.get(),
                  taken.name(),
                  taken.id(),
                  "are these the right nodes, and is it the right backup? --replaces %s goes on"
                      .formatted(name)));
    }
  }

  /// By major, minor and patch; what follows them is no matter.
  static boolean older(String version, String than) {
    int[] left = numbers(version);
    int[] right = numbers(than);
    for (int i = 0; i < NUMBERS; i++) {
      if (left[i] != right[i]) {
        return left[i] < right[i];
      }
    }
    return false;
  }

  private static int[] numbers(String version) {
    int[] numbers = new int[NUMBERS];
    Matcher matcher = NUMBER.matcher(version);
    for (int i = 0; i < NUMBERS && matcher.find(); i++) {
      numbers[i] = Integer.parseInt(matcher.group());
    }
    return numbers;
  }
}
