package dev.lifeboat.lab.dashboards;

import dev.lifeboat.lab.Checkout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Every dashboard there is, in the order in which they are read.
final class Dashboards {
  private Dashboards() {}

  static List<Dashboard> all() {
    return List.of(
        OverviewDashboard.dashboard(),
        ClusterDashboard.dashboard(),
        BackupDashboard.dashboard(),
        ReplicaDashboard.dashboard(),
        RequestsDashboard.dashboard(),
        StorageDashboard.dashboard(),
        ExporterDashboard.dashboard());
  }

  /// Where they are checked in.
  static Path folder() {
    return Checkout.root().resolve("grafana-dashboards");
  }

  static void write(Path folder) {
    try {
      for (var dashboard : all()) {
        Files.writeString(folder.resolve(dashboard.fileName()), GrafanaJson.write(dashboard));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
