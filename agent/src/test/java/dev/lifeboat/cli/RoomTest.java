package dev.lifeboat.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoomTest {
  private static final String USER = System.getProperty("user.name");

  @TempDir Path folder;

  @Test
  void a_folder_is_writable_and_has_so_much_room() {
    Room room = Room.of("spool", folder);

    assertTrue(room.good());
    assertTrue(
        room.line()
            .matches(
                "\\Qspool %s: writable by %s, \\E[0-9.,]+ [KMGT]iB free".formatted(folder, USER)),
        room.line());
  }

  @Test
  void a_folder_that_is_to_be_made_is_judged_by_the_one_above() {
    Room room = Room.of("store local", folder.resolve("a/b"));

    assertTrue(room.good());
    assertTrue(
        room.line().matches("[^:]+: will be made, on /\\S* \\(\\w+\\), writable by .*"),
        room.line());
  }

  @Test
  void a_disk_that_is_not_mounted_is_seen_by_the_file_system_that_is_named() {
    // /dev/shm has one of its own, wherever the tests run.
    Room room = Room.of("store local", Path.of("/dev/shm/lifeboat-no-such-folder/a"));

    assertTrue(room.line().contains(": will be made, on /dev/shm (tmpfs), "), room.line());
  }

  @Test
  void a_file_in_the_way_is_named() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "");

    Room room = Room.of("spool", file.resolve("spool"));

    assertFalse(room.good());
    assertEquals(
        "spool %s/spool: %s is no folder\nhint: name another folder, or move that file"
            .formatted(file, file),
        room.line());
  }

  @Test
  void what_nobody_may_write_to_is_refused_with_a_hint() {
    // Not even root can write there.
    Room room = Room.of("spool", Path.of("/proc/1"));

    assertFalse(room.good());
    assertTrue(
        room.line().contains("\nhint: see that the disk is mounted: findmnt -T /proc/1; then give"),
        room.line());
  }
}
