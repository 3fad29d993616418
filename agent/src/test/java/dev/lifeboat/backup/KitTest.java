package dev.lifeboat.backup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.archive.ArchiveException;
import dev.lifeboat.archive.KitBox;
import dev.lifeboat.keys.DataKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class KitTest {
  private static final BackupId ID = new BackupId("20261122T020001Z-1f2e3d4c");
  private static final BackupId OTHER = new BackupId("20261122T020001Z-00000000");
  private static final ClusterFacts FACTS =
      new ClusterFacts(
          new Manifest.Cluster("14041c9e", "vault-cluster", "openbao", "2.7.2"),
          new Manifest.Seal("transit", "raft", 5, 3, Optional.empty(), Optional.of(2)),
          List.of(
              new Manifest.Peer("n1", "10.0.0.1:8201", Optional.of("https://10.0.0.1:8200"), true),
              new Manifest.Peer("n2", "10.0.0.2:8201", Optional.empty(), true)),
          List.of(),
          new Manifest.Counts(Optional.empty(), Optional.empty(), Optional.empty()),
          List.of(
              new ClusterFacts.Plugin("db/", "database", "v1.2.3", Optional.of("ab".repeat(32)))));

  @TempDir Path folder;
  private Path etc;

  @BeforeEach
  void a_server() throws Exception {
    etc = Files.createDirectories(folder.resolve("etc"));
    Files.writeString(
        etc.resolve("a.hcl"),
        """
        seal "awskms" {
          region = "eu-central-1"
          kms_key_id = "alias/unseal"
          access_key = "AKIASECRET"
        }
        """);
    Files.writeString(etc.resolve("b.hcl"), "api_addr = \"https://10.0.0.1:8200\"\n");
    Files.writeString(etc.resolve("c.txt"), "not among them");
  }

  @Test
  void files_and_facts_come_back_from_the_box() {
    Kit.Opened kit = opened(collect(List.of(etc + "/*.hcl"), List.of(etc + "/c.txt")));

    assertEquals(List.of(etc + "/a.hcl", etc + "/b.hcl"), List.copyOf(kit.files().keySet()));
    assertEquals(
        "api_addr = \"https://10.0.0.1:8200\"\n",
        new String(kit.files().getOrDefault(etc + "/b.hcl", new byte[0]), UTF_8));
    JsonNode index = kit.index();
    assertEquals(ID.text(), index.path("backup").stringValue());
    assertEquals(2, index.path("seal").path("key_epoch").intValue());
    assertEquals(
        "https://10.0.0.1:8200", index.path("peers").path(0).path("api_address").stringValue());
    assertEquals("v1.2.3", index.path("plugins").path(0).path("version").stringValue());
    assertEquals(etc + "/c.txt", index.path("hashed").path(0).path("path").stringValue());
    assertEquals(14, index.path("hashed").path(0).path("bytes").intValue());
    assertEquals("Alice", index.path("custodians").path(0).stringValue());
  }

  @Test
  void the_key_of_the_seal_is_named_and_what_may_be_a_secret_is_not() {
    JsonNode key = opened(collect(List.of(etc + "/*.hcl"), List.of())).index().path("seal_key");

    assertEquals(
        "{\"seal\":\"awskms\",\"region\":\"eu-central-1\",\"kms_key_id\":\"alias/unseal\"}",
        key.toString());
  }

  @Test
  void without_a_stanza_no_key_is_named() {
    assertFalse(opened(collect(List.of(etc + "/b.hcl"), List.of())).index().has("seal_key"));
  }

  @Test
  void what_cannot_be_read_is_noted_and_the_rest_is_there() throws Exception {
    Files.write(etc.resolve("large.hcl"), new byte[(1 << 20) + 1]);
    Files.createDirectories(etc.resolve("folder.hcl"));

    Kit kit =
        collect(
            List.of(etc + "/*.hcl", etc + "/gone.pem", folder + "/no-such-folder/*.hcl"),
            List.of(etc + "/gone.so"));

    assertEquals(2, kit.fileCount());
    assertEquals(
        Map.of(
            etc + "/large.hcl", "larger than 1 MiB",
            etc + "/gone.pem", "NoSuchFileException",
            etc + "/gone.so", "NoSuchFileException"),
        kit.unreadable());
    assertEquals(3, opened(kit).index().path("unreadable").size());
  }

  @Test
  void a_kit_is_never_larger_than_what_is_read_back_in_one_piece() throws Exception {
    for (int i = 10; i < 30; i++) {
      Files.write(etc.resolve(i + ".big"), new byte[1 << 20]);
    }

    Kit kit = collect(List.of(etc + "/*.big"), List.of());

    assertEquals(12, kit.fileCount());
    assertEquals(8, kit.unreadable().size());
    assertTrue(seal(kit, DataKey.generate()).length < KitBox.BYTES_MAX);
  }

  @Test
  void a_box_that_was_changed_or_cut_or_is_of_another_backup_does_not_open() {
    DataKey key = DataKey.generate();
    byte[] box = seal(collect(List.of(etc + "/*.hcl"), List.of()), key);
    byte[] changed = box.clone();
    changed[box.length - 20] ^= 1;

    assertThrows(ArchiveException.class, () -> KitBox.tar(changed, key, ID.text()));
    assertThrows(
        ArchiveException.class,
        () -> KitBox.tar(Arrays.copyOf(box, box.length - 1), key, ID.text()));
    assertThrows(ArchiveException.class, () -> KitBox.tar(box, key, OTHER.text()));
    assertThrows(ArchiveException.class, () -> KitBox.tar(box, DataKey.generate(), ID.text()));
    assertArrayEquals(KitBox.tar(box, key, ID.text()), KitBox.tar(box, key, ID.text()));
  }

  @Test
  void a_tar_without_an_index_is_no_kit() {
    assertEquals(Optional.empty(), Kit.parse(Map.of("files/a", new byte[1])));
    assertEquals(Optional.empty(), Kit.parse(Map.of("index.json", "{}".getBytes(UTF_8))));
  }

  private static Kit collect(List<String> files, List<String> hashed) {
    return Kit.collect(
        new KitConfig(true, false, files, hashed, List.of("Alice")),
        new Kit.About(ID, Instant.parse("2026-11-22T02:00:01Z"), "node-1", FACTS));
  }

  private static byte[] seal(Kit kit, DataKey key) {
    return kit.seal(key, ID);
  }

  private static Kit.Opened opened(Kit kit) {
    try (DataKey key = DataKey.generate()) {
      return Kit.parse(KitBox.files(KitBox.tar(seal(kit, key), key, ID.text()))).orElseThrow();
    }
  }
}
