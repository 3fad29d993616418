package dev.lifeboat.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.StoreException.Reason;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SpoolTest {
  private static final BackupId ID = new BackupId("20261122T020001Z-1f2e3d4c");

  @TempDir Path work;

  @Test
  void the_folder_is_made_for_its_owner_alone() throws Exception {
    try (Spool spool = Spool.open(work.resolve("a/spool"))) {
      assertEquals(
          "rwx------",
          PosixFilePermissions.toString(Files.getPosixFilePermissions(spool.folder())));
    }
  }

  @Test
  void a_second_opening_in_this_process_names_this_process() {
    try (Spool _ = Spool.open(work)) {
      StoreException e = assertThrows(StoreException.class, () -> Spool.open(work));

      assertEquals(Reason.IN_USE, e.reason());
      assertEquals(
          "the spool %s is in use by the process %d".formatted(work, ProcessHandle.current().pid()),
          SignedManifest.sentence(e));
    }
  }

  @Test
  void a_file_that_was_forced_to_the_disk_meanwhile_is_whole() throws Exception {
    byte[] block = new byte[1 << 20];
    int blocks = 80;
    try (Spool spool = Spool.open(work);
        SpoolFile file = SpoolFile.create(spool, ID)) {
      for (int i = 0; i < blocks; i++) {
        block[0] = (byte) i;
        file.write(block);
      }
      file.write(1);
      file.finish();

      assertEquals((long) blocks * block.length + 1, Files.size(spool.data(ID)));
    }
  }

  @Test
  void a_closed_spool_can_be_opened_again() {
    Spool.open(work).close();
    Spool.open(work).close();
  }

  @Test
  void a_spool_held_by_another_process_is_refused_with_its_id() throws Exception {
    Path program = work.resolve("Holder.java");
    Files.writeString(
        program,
        """
        void main(String[] args) throws Exception {
          var lock = java.nio.channels.FileChannel.open(java.nio.file.Path.of(args[0], ".lock"),
              java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.WRITE);
          lock.lock();
          lock.write(java.nio.ByteBuffer.wrap("4711\\n".getBytes()));
          System.out.println("held");
          System.in.read();
        }
        """);
    Path folder = Files.createDirectory(work.resolve("spool"));
    Process holder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                program.toString(),
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertEquals("held", holder.inputReader(StandardCharsets.UTF_8).readLine());

      StoreException e = assertThrows(StoreException.class, () -> Spool.open(folder));
      assertEquals(Reason.IN_USE, e.reason());
      assertTrue(SignedManifest.sentence(e).endsWith("in use by the process 4711"), e.toString());
    } finally {
      holder.destroy();
      assertTrue(holder.waitFor(20, TimeUnit.SECONDS));
    }
    Spool.open(folder).close();
  }

  @Test
  void opening_removes_partial_files_and_reports_runs_that_may_have_stored_something()
      throws Exception {
    Path foreign = Files.writeString(work.resolve("notes.txt"), "mine");
    Path partial = Files.writeString(work.resolve(ID.spooled() + ".partial"), "half");
    BackupId other = new BackupId("20261121T020001Z-00000000");
    Path whole = Files.writeString(work.resolve(other.spooled()), "whole");
    try (Spool spool = Spool.open(work)) {
      assertFalse(Files.exists(partial));
      assertTrue(Files.exists(foreign));
      assertEquals(List.of(other), spool.deadRuns());

      spool.remove(other);
      assertFalse(Files.exists(whole));
      assertEquals(List.of(), spool.deadRuns());
    }
  }

  @Test
  void a_file_is_partial_until_it_is_finished() throws Exception {
    try (Spool spool = Spool.open(work)) {
      try (SpoolFile file = SpoolFile.create(spool, ID)) {
        file.write(new byte[] {1, 2, 3});
        assertFalse(Files.exists(spool.data(ID)));
        file.finish();
      }

      assertEquals(3, Files.size(spool.data(ID)));
      assertEquals(
          "rw-------",
          PosixFilePermissions.toString(Files.getPosixFilePermissions(spool.data(ID))));
    }
  }

  @Test
  void a_full_disk_is_told_with_the_folder_and_what_is_free() throws Exception {
    try (Spool spool = Spool.open(work);
        FileChannel full = FileChannel.open(Path.of("/dev/full"), StandardOpenOption.WRITE);
        SpoolFile file = new SpoolFile(spool, ID, full)) {
      RunFailure e = assertThrows(RunFailure.class, () -> file.write(new byte[100]));

      assertEquals(FailureReason.DISK_FULL, e.reason());
      assertTrue(e.sentence().startsWith("spool " + work + ": cannot write: "), e.sentence());
      assertTrue(e.hint().contains(" are free there; backup.spool needs room"), e.hint());
    }
  }

  @Test
  void a_run_that_is_interrupted_while_its_journal_is_written_leaves_nothing() throws Exception {
    var manifest = new Journal.Document(ID.text() + ".manifest", new byte[] {1});
    try (Spool spool = Spool.open(work)) {
      Thread.currentThread().interrupt();
      RunFailure e =
          assertThrows(
              RunFailure.class,
              () -> spool.write(new Journal(ID, Optional.empty(), List.of(), manifest)));
      assertTrue(Thread.interrupted(), "the thread stays interrupted");
      assertEquals(FailureReason.INTERRUPTED, e.reason());

      spool.remove(ID);

      try (var left = Files.list(work)) {
        assertEquals(List.of(".lock"), left.map(file -> file.getFileName().toString()).toList());
      }
    }
  }

  @Test
  void a_file_in_place_of_the_folder_is_refused() throws Exception {
    Path file = Files.writeString(work.resolve("file"), "");

    StoreException e = assertThrows(StoreException.class, () -> Spool.open(file));
    assertEquals(Reason.UNAVAILABLE, e.reason());
    assertTrue(String.valueOf(e.getMessage()).contains("hint: backup.spool"), e.toString());
  }
}
