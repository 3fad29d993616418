package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.cli.Exit;
import dev.lifeboat.vault.Product;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Backups of a real cluster on this machine's disk and, by SFTP, on another's at once.
class SftpBackupTest {
  private static final int MEBIBYTES = 24;

  @TempDir Path folder;

  @Test
  void a_backup_is_in_both_stores_and_comes_back_from_the_other_machine_alone() throws Exception {
    var far = Folders.create(folder.resolve("far"));
    try (var sshd = Sshd.start(folder.resolve("sshd"), "");
        var cluster = TestClusters.start(Product.OPENBAO, 1, folder)) {
      TestClusters.fill(cluster.root(), "filling", MEBIBYTES);
      var site =
          Site.beside(cluster, folder.resolve("site"))
              .configure("stores.far {\n%s}".formatted(sshd.storeBlock(far)));

      JsonNode manifest = site.run("backup", "--json").expect(Exit.OK).json();
      site.verifyAll();
      assertEquals(
          List.of("local", "far"),
          site.run("list", "--json")
              .json()
              .get(0)
              .path("stores")
              .valueStream()
              .map(JsonNode::stringValue)
              .toList());
      assertEquals(3, Site.files(far).size());
      Folders.delete(site.store());
      assertEquals(1, site.listed().size());
      var snapshot = folder.resolve("back.snap");
      site.run(
              "extract",
              manifest.path("id").stringValue(),
              "-o",
              snapshot.toString(),
              "--identity",
              site.identity().toString())
          .expect(Exit.OK);
      assertEquals(
          manifest.path("plain").path("sha256").stringValue(),
          HexFormat.of()
              .formatHex(
                  MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(snapshot))));
    }
  }

  @Test
  void a_server_that_is_away_fails_the_backup_only_when_it_is_required() {
    var far = Folders.create(folder.resolve("far"));
    try (var sshd = Sshd.start(folder.resolve("sshd"), "");
        var cluster = TestClusters.start(Product.OPENBAO, 1, folder)) {
      var site =
          Site.beside(cluster, folder.resolve("site"))
              .configure("stores.far {\n%s}".formatted(sshd.storeBlock(far)));
      sshd.kill();

      var failed = site.run("backup").expect(Exit.STORE_FAILED);
      assertTrue(failed.err().contains("store far: cannot"), failed.err());
      assertTrue(failed.err().contains("hint: can this machine reach 127.0.0.1"), failed.err());
      assertEquals(List.of(), Site.files(site.store()));
      assertEquals(List.of(), site.spooled());

      var stored = site.configure("stores.far.required = false").run("backup").expect(Exit.OK);
      assertTrue(stored.err().contains("stored without far, which is not required"), stored.err());
      assertEquals(3, Site.files(site.store()).size());
      assertEquals(List.of(), Site.files(far));
    }
  }
}
