package dev.lifeboat.collector;

import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The disks on which the server writes, and how large its raft storage is.
///
/// ```
/// vault_storage_filesystem_size_bytes{path="/opt/openbao/data"} 1.0e11
/// vault_storage_filesystem_avail_bytes{path="/opt/openbao/data"} 8.1e10
/// vault_storage_database_size_bytes{database="vault.db"} 1.3e8
/// ```
public final class StorageCollector implements Collector {
  static final Metric SIZE =
      Metric.gauge(
          "vault_storage_filesystem_size_bytes", "Size of the file system of the folder", "path");
  static final Metric AVAIL =
      Metric.gauge(
          "vault_storage_filesystem_avail_bytes",
          "What may still be written to the file system of the folder",
          "path");
  static final Metric DATABASE =
      Metric.gauge(
          "vault_storage_database_size_bytes",
          "Size of the file: vault.db holds the data, raft.db the log",
          "database");

  public static final List<Metric> METRICS = List.of(SIZE, AVAIL, DATABASE);

  private record Disk(long size, long avail) {}

  private final Optional<Path> raft;
  private final Set<Path> folders;
  private volatile Map<Path, Disk> disks = Map.of();
  private volatile Map<String, Long> databases = Map.of();
  private volatile List<String> problems = List.of();

  /// @param raft the `path` of raft storage
  /// @param others further folders whose disk matters, such as that of an audit file
  public StorageCollector(Optional<Path> raft, List<Path> others) {
    this.raft = raft;
    this.folders = new LinkedHashSet<>(raft.stream().toList());
    folders.addAll(others);
  }

  /// Looks once; a disk that hangs holds up this look and no scrape.
  public void look() {
    Map<Path, Disk> disksNow = new LinkedHashMap<>();
    Map<String, Long> databasesNow = new LinkedHashMap<>();
    List<String> missing = new ArrayList<>();
    for (Path folder : folders) {
      try {
        FileStore store = Files.getFileStore(folder);
        disksNow.put(folder, new Disk(store.getTotalSpace(), store.getUsableSpace()));
      } catch (IOException e) {
        missing.add("the disk of " + unreadable(folder, e));
      }
    }
    raft.ifPresent(
        folder -> {
          for (Path file : List.of(folder.resolve("vault.db"), folder.resolve("raft/raft.db"))) {
            try {
              databasesNow.put(String.valueOf(file.getFileName()), Files.size(file));
            } catch (IOException e) {
              missing.add(unreadable(file, e));
            }
          }
        });
    disks = disksNow;
    databases = databasesNow;
    problems = missing;
  }

  private static String unreadable(Path path, IOException e) {
    return "%s cannot be looked at (%s)".formatted(path, e.getClass().getSimpleName());
  }

  @Override
  public String name() {
    return "storage";
  }

  @Override
  public List<String> problems() {
    return problems;
  }

  @Override
  public MetricSnapshots collect() {
    Samples samples = new Samples();
    disks.forEach(
        (path, disk) -> {
          samples.add(SIZE, disk.size(), path.toString());
          samples.add(AVAIL, disk.avail(), path.toString());
        });
    databases.forEach((name, size) -> samples.add(DATABASE, size, name));
    return samples.snapshots();
  }
}
