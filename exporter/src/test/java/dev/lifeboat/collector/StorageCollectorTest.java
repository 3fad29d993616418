package dev.lifeboat.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StorageCollectorTest {
  @TempDir Path folder;

  @Test
  void a_file_that_is_not_there_costs_only_itself() throws IOException {
    Files.createDirectories(folder.resolve("raft"));
    Files.write(folder.resolve("raft/raft.db"), new byte[5]);
    var collector = new StorageCollector(Optional.of(folder), List.of());

    collector.look();

    List<String> lines = Lines.of(collector);
    assertTrue(
        lines.contains("vault_storage_database_size_bytes{database=\"raft.db\"} 5.0"),
        lines.toString());
    assertEquals(
        List.of(folder.resolve("vault.db") + " cannot be looked at (NoSuchFileException)"),
        collector.problems());
  }

  @Test
  void a_disk_is_as_large_as_the_system_says() throws IOException {
    var collector = new StorageCollector(Optional.empty(), List.of(folder));

    collector.look();

    double size = Files.getFileStore(folder).getTotalSpace();
    assertTrue(
        Lines.of(collector)
            .contains(
                "vault_storage_filesystem_size_bytes{path=\"%s\"} %s".formatted(folder, size)),
        Lines.of(collector).toString());
    assertEquals(List.of(), collector.problems());
  }

  @Test
  void a_folder_that_is_gone_is_a_problem_and_leaves_no_old_figure() throws IOException {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    var collector = new StorageCollector(Optional.empty(), List.of(disk));
    collector.look();
    Files.delete(disk);

    collector.look();

    assertEquals(List.of(), Lines.of(collector));
    assertEquals(
        List.of("the disk of " + disk + " cannot be looked at (NoSuchFileException)"),
        collector.problems());
  }
}
