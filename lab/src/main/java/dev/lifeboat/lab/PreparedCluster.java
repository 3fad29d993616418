package dev.lifeboat.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/// A provisioned cluster that was stopped and is kept on disk, to be copied and resumed on other
/// ports: in under 4 s instead of 8, and any number of copies at once.
///
/// Kept in `.lab/prepared` under a name that changes with the server's version and the policies.
/// Copies share their cluster id, root token and keys.
public final class PreparedCluster {
  private static final Object IN_THIS_JVM = new Object();

  private final ClusterPlan plan;
  private final Path folder;

  private PreparedCluster(ClusterPlan plan, Path folder) {
    this.plan = plan;
    this.folder = folder;
  }

  /// Made at the first call on this tree, by one process at a time.
  public static PreparedCluster prepare(ClusterPlan plan) {
    if (plan.audit()) {
      throw new IllegalArgumentException("audit: its file's path would be copied too");
    }
    var prepared = Folders.create(Checkout.experiments().resolve("prepared"));
    var folder = prepared.resolve(name(plan));
    synchronized (IN_THIS_JVM) {
      try (var lock =
              FileChannel.open(
                  prepared.resolve(name(plan) + ".lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          var held = lock.lock()) {
        if (held.isValid() && !Files.isDirectory(folder)) {
          build(plan, folder);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return new PreparedCluster(plan, folder);
  }

  /// A running copy in `target`, which must not exist yet but whose parent must.
  public Cluster copy(Path target) {
    Folders.copy(folder, target);
    return Cluster.resume(plan, target);
  }

  private static void build(ClusterPlan plan, Path folder) throws IOException {
    var half = folder.resolveSibling(folder.getFileName() + ".half");
    Folders.delete(half);
    try (var cluster = Cluster.create(plan, half)) {
      Provisioning.install(cluster.root());
      cluster.stop();
    }
    try {
      Files.move(half, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw new LabException("cannot rename " + half, e);
    }
  }

  private static String name(ClusterPlan plan) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      digest.update(plan.toString().getBytes(StandardCharsets.UTF_8));
      for (var role : Provisioning.Role.values()) {
        digest.update(Files.readAllBytes(role.policyFile()));
      }
      return "%s-%s-%d-%s"
          .formatted(
              plan.binary().product().name().toLowerCase(Locale.ROOT),
              plan.binary().version(),
              plan.nodes(),
              HexFormat.of().formatHex(digest.digest(), 0, 6));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
