package dev.lifeboat.lab.demo;

import dev.lifeboat.lab.Minio;
import dev.lifeboat.lab.Minio.Kind;
import java.nio.file.Path;

/// Two S3 servers that know nothing of each other: one near the cluster, and one for the day when
/// that is gone.
record Sites(Minio near, Minio offSite) implements AutoCloseable {
  private static final String BUCKET = "vault-backups";

  static Sites start(Path folder) {
    var near = Minio.start(folder.resolve("near"));
    try {
      var offSite = Minio.start(folder.resolve("off-site"));
      try {
        var _ = near.bucket(BUCKET, Kind.VERSIONED);
        var _ = offSite.bucket(BUCKET, Kind.LOCKED);
        return new Sites(near, offSite);
      } catch (RuntimeException e) {
        offSite.close();
        throw e;
      }
    } catch (RuntimeException e) {
      near.close();
      throw e;
    }
  }

  /// For the configuration of every agent.
  String stores() {
    return """
    stores.near {
    %s}
    stores.off-site {
    %s  lock { mode = compliance, days = 1 }
    }
    """
        .formatted(near.storeBlock(BUCKET), offSite.storeBlock(BUCKET));
  }

  @Override
  public void close() {
    near.close();
    offSite.close();
  }
}
