package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Milestones.Milestone;
import dev.lifeboat.cli.Exit;
import dev.lifeboat.vault.Product;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;

/// With each backup of a real node lies what its cluster is built anew with.
class KitTest {
  private static final String STANZA =
      """
      listener "tcp" { address = "10.0.0.1:8200" }
      seal "transit" {
        address    = "https://other.example.net:8200"
        token      = "s.very-secret-token"
        key_name   = "unseal"
        mount_path = "transit/"
      }
      """;

  @TempDir Path folder;

  @ParameterizedTest
  @BothProducts
  void the_files_come_back_with_lifeboat_and_without(Product product) throws Exception {
    try (var cluster = TestClusters.start(product, 1, folder)) {
      var site = site(cluster);

      var id = site.backup();

      var kit = site.run("kit", "list", "--json", "--identity", identity(site)).expect(Exit.OK);
      assertEquals(id, kit.json().path("backup").stringValue());
      assertEquals("unseal", kit.json().path("seal_key").path("key_name").stringValue());
      assertFalse(kit.json().path("seal_key").has("token"), kit.out());
      assertEquals(1, kit.json().path("peers").size(), kit.out());
      assertTrue(kit.json().path("plugins").size() > 3, kit.out());
      assertEquals(List.of("gone.hcl"), unreadable(kit));
      var shown = site.run("kit", "list", "--identity", identity(site)).expect(Exit.OK).out();
      assertTrue(shown.contains("custodian  Alice <alice@example.net>"), shown);
      assertTrue(shown.contains("NOT IN IT"), shown);
      extracted(site, id);
      withoutLifeboat(site, id);
      site.run("verify", id, "--identity", identity(site)).expect(Exit.OK);
      var said = site.run("inspect", id).expect(Exit.OK).out();
      assertTrue(said.contains(", 1 NOT IN IT"), said);
      // Nothing of what the files say is anywhere in the clear.
      assertNowhere(site, "s.very-secret-token");
    }
  }

  private void extracted(Site site, String id) throws IOException {
    var out = folder.resolve("extracted");
    site.run("kit", "extract", id, "-o", out.toString(), "--identity", identity(site))
        .expect(Exit.OK);
    var back = out.resolve(server().toString().substring(1));
    assertEquals(STANZA, Site.text(back));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(back)));
    assertEquals(
        Site.text(site.config()), Site.text(out.resolve(site.config().toString().substring(1))));
    site.run("kit", "extract", id, "-o", out.toString(), "--identity", identity(site))
        .expect(Exit.USAGE);
  }

  private void withoutLifeboat(Site site, String id) throws Exception {
    var tar = folder.resolve("kit.tar");
    var command =
        List.of(
            "python3",
            Checkout.root().resolve("docs/recover.py").toString(),
            "--kit",
            "--manifest",
            site.store().resolve(id + ".manifest").toString(),
            "--identity",
            identity(site),
            "--signers",
            site.trustedSigners().toString(),
            "--out",
            tar.toString());
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("PYTHONPATH", Checkout.tools().resolve("recover").toString());
    assertEquals("", failed(builder));
    var listed = new ProcessBuilder("tar", "-xOf", tar.toString(), "files" + server());
    var process = listed.start();
    assertEquals(
        STANZA, new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    assertEquals(0, process.waitFor());
  }

  private static String failed(ProcessBuilder builder) throws Exception {
    var process = builder.start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor() == 0 ? "" : said;
  }

  @Test
  void a_kit_that_is_damaged_is_found_and_one_that_is_required_must_be_whole() throws Exception {
    try (var cluster = TestClusters.start(Product.OPENBAO, 1, folder)) {
      var site = site(cluster);
      var id = site.backup();
      var file = site.store().resolve(id + ".kit");
      var box = Files.readAllBytes(file);
      box[box.length / 2] ^= 1;
      Files.write(file, box);

      var wrong = site.run("verify", id, "--no-record").expect(Exit.VERIFICATION_FAILED);
      assertTrue(wrong.out().contains(id + ".kit"), wrong.out());
      site.run("kit", "list", id, "--identity", identity(site)).expect(Exit.VERIFICATION_FAILED);
      Files.delete(file);
      var missing = site.run("verify", id, "--no-record").expect(Exit.VERIFICATION_FAILED);
      assertTrue(missing.out().contains("missing"), missing.out());

      site.configure("backup.kit.required = true");
      var refused = site.run("backup").expect(Exit.CONFIGURATION);
      assertTrue(
          refused.err().contains("gone.hcl cannot be read for the recovery kit"), refused.err());
      assertEquals(1, site.listed().size());
    }
  }

  @Test
  void a_run_that_dies_leaves_no_kit_without_a_backup() throws Exception {
    try (var cluster = TestClusters.start(Product.OPENBAO, 1, folder)) {
      var site = site(cluster);
      try (var process = HeldMain.backup(site, Milestone.KEYS_STORED, folder.resolve("log"))) {
        assertTrue(kits(site).size() == 1, () -> "" + Site.files(site.store()));
        process.kill();
      }

      var id = site.backup();

      assertEquals(Set.of(id + ".kit"), kits(site));
      site.configure("stores.local.retention { daily = 1 }");
      site.run("expire", "--yes").expect(Exit.OK);
      assertEquals(Set.of(id), site.objects().keySet());
    }
  }

  @Test
  void the_card_for_the_safe_fits_on_a_page_and_asks_nobody() throws Exception {
    Site site;
    try (var cluster = TestClusters.start(Product.OPENBAO, 1, folder)) {
      site = site(cluster);
    }
    site.configure(
        "stores.far { type = s3, bucket = example-vault-backups, region = eu-central-1 }");

    var card = site.run("kit", "print").expect(Exit.OK).out();

    assertTrue(card.contains("s3://example-vault-backups/ eu-central-1"), card);
    assertTrue(card.contains("escrow"), card);
    assertTrue(card.contains("Alice <alice@example.net>"), card);
    assertFalse(card.substring(card.indexOf("WITH LIFEBOAT")).contains("…"), card);
    assertTrue(card.lines().count() <= 60, card);
    assertTrue(card.lines().allMatch(line -> line.length() <= 80), card);
  }

  private Site site(Cluster cluster) throws IOException {
    Files.writeString(server(), STANZA);
    return Site.beside(cluster, folder.resolve("site"))
        .configure(
            """
            backup.kit {
              enabled = true
              files = ["%s", "%s"]
              custodians = ["Alice <alice@example.net>", "Bob <bob@example.net>"]
            }"""
                .formatted(server(), folder.resolve("gone.hcl")));
  }

  private Path server() {
    return folder.resolve("server.hcl");
  }

  private static String identity(Site site) {
    return site.identity().toString();
  }

  private static List<String> unreadable(Run kit) {
    var names = new ArrayList<String>();
    kit.json()
        .path("unreadable")
        .forEach(
            each -> names.add(Path.of(each.path("path").stringValue()).getFileName().toString()));
    return names;
  }

  private static Set<String> kits(Site site) {
    var kits = new TreeSet<>(Site.files(site.store()));
    kits.removeIf(file -> !file.endsWith(".kit"));
    return kits;
  }

  private static void assertNowhere(Site site, String secret) throws IOException {
    for (var file : Site.files(site.store())) {
      var bytes = Files.readAllBytes(site.store().resolve(file));
      assertFalse(new String(bytes, StandardCharsets.ISO_8859_1).contains(secret), file);
    }
  }
}
