package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.cli.Exit;
import dev.lifeboat.vault.Product;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;

/// `lifeboat check --live` beside a real server: all as documented, a token without rights, a disk
/// that is read-only, a server that is gone.
class DoctorTest {
  @TempDir Path folder;

  @ParameterizedTest
  @BothProducts
  void it_says_what_is_right_and_what_to_do(Product product) {
    try (var disk = Tmpfs.mount(folder.resolve("disk"), "32m");
        var cluster = TestClusters.start(product, 1, folder)) {
      var site =
          Site.beside(cluster, folder.resolve("site"))
              .configure(
                  "stores.far { type = local, path = \"%s\" }"
                      .formatted(disk.folder().resolve("store")))
              .configure(
                  "unseal.server-configs = [\"%s\"]"
                      .formatted(cluster.nodes().getFirst().config().configFile()));
      site.backup();

      var good = site.run("check", "--live").expect(Exit.OK);
      assertTrue(good.out().contains("backup rights    ok       sys/storage/raft/snapshot: read"));
      assertTrue(good.out().contains("put, read back, listed, deleted, 1 backup"), good.out());
      var seal =
          product == Product.OPENBAO
              ? "seal             ok       static: its key file "
              : "seal             ok       shamir, 1 of 1 shares open it";
      assertTrue(good.out().contains(seal), good.out());
      assertTrue(good.out().contains("recipients       warning  1: when its private key"));
      assertEquals(3, Site.files(site.store()).size(), "something was left in the store");
      var grades = grades(site);
      assertEquals("warning", grades.remove("recipients"));
      assertEquals("warning", grades.remove("schedule"));
      assertTrue(grades.values().stream().allMatch("ok"::equals), grades::toString);
      // Plain `check` stays what it was, and `--json` is not for it.
      assertTrue(site.run("check").expect(Exit.OK).out().contains("is right: agent"));
      site.run("check", "--json").expect(Exit.USAGE);

      disk.readOnly();
      var readOnly = site.run("check", "--live").expect(Exit.STORE_FAILED);
      assertTrue(readOnly.out().contains("store far        WRONG"), readOnly.out());
      assertTrue(readOnly.out().contains("store local      ok"), readOnly.out());

      var nothing =
          cluster
              .root()
              .post("auth/token/create", Map.of("policies", List.of("default")))
              .require()
              .text("auth.client_token");
      var file = Folders.writeSecret(folder.resolve("token"), nothing);
      site.configure("backup.auth = null");
      site.configure("backup.auth { method = token, token { file = \"" + file + "\" } }");
      var powerless = site.run("check", "--live").expect(Exit.VAULT_DENIED);
      assertTrue(
          powerless.out().contains("sys/storage/raft/snapshot: needs read, has deny"),
          powerless.out());
      assertTrue(powerless.out().contains("docs/policies/backup.hcl"), powerless.out());
      assertTrue(powerless.out().contains("watch rights     ok"), powerless.out());

      cluster.kill(cluster.nodes().getFirst());
      var gone = site.run("check", "--live").expect(Exit.VAULT_UNAVAILABLE);
      assertTrue(gone.out().contains("vault            WRONG"), gone.out());
      assertTrue(gone.out().contains("store local      ok"), gone.out());
    }
  }

  /// What the token may do says nothing of what is there.
  @ParameterizedTest
  @BothProducts
  void a_mount_or_key_of_the_canary_that_is_missing_is_named(Product product) {
    try (var cluster = TestClusters.start(product, 1, folder)) {
      var site = Site.beside(cluster, folder.resolve("site"));

      // Before the first backup there is no canary, and looking for it makes none.
      assertCanary(site.run("check", "--live").expect(Exit.OK), "ok       secret/data/", "written");
      var root = cluster.root();
      assertEquals(404, root.get("secret/data/lifeboat/canary").status());
      site.backup();
      assertCanary(site.run("check", "--live").expect(Exit.OK), "ok       transit/", "encrypts");
      var canary = root.get("secret/data/lifeboat/canary").require().body();
      assertEquals(1, canary.at("/data/metadata/version").asInt());

      var key = "transit/keys/lifeboat-canary";
      root.post(key + "/config", Map.of("deletion_allowed", true)).require();
      root.call("DELETE", key, Map.of()).require();
      assertCanary(missing(site), "WRONG    transit/lifeboat-canary", "has no such key");
      assertTrue(missing(site).out().contains("hint: bao write -f transit/keys/lifeboat-canary"));

      root.call("DELETE", "sys/mounts/transit", Map.of()).require();
      assertCanary(missing(site), "WRONG    transit/lifeboat-canary", "no mount is there");

      root.call("DELETE", "sys/mounts/secret", Map.of()).require();
      assertCanary(missing(site), "WRONG    secret/lifeboat/canary", "no mount is there");
      var backup = site.run("backup").expect(Exit.VAULT_DENIED);
      assertTrue(backup.err().contains("or the mount or key does not exist"), backup.err());
    }
  }

  private static Run missing(Site site) {
    return site.run("check", "--live").expect(Exit.VAULT_DENIED);
  }

  private static void assertCanary(Run run, String... parts) {
    assertTrue(
        run.out()
            .lines()
            .filter(line -> line.startsWith("canary "))
            .anyMatch(line -> List.of(parts).stream().allMatch(line::contains)),
        run.out());
  }

  @Test
  void a_key_of_kms_is_tried_and_one_that_is_away_is_named() {
    try (var moto = Moto.start(folder.resolve("moto"));
        var cluster = TestClusters.start(Product.OPENBAO, 1, folder)) {
      var _ = moto.key("alias/lab");
      var site =
          Site.beside(cluster, folder.resolve("site"))
              .configure("backup.kms.main {\n%s}".formatted(moto.block("alias/lab")));

      var good = site.run("check", "--live").expect(Exit.OK);
      assertTrue(
          good.out()
              .contains("kms main         ok       encrypts as this node, decrypts as the second"),
          good.out());
      assertTrue(
          good.out().contains("clock            ok       within 30 s of that of store local"),
          good.out());

      moto.stop();
      var away = site.run("check", "--live").expect(Exit.KMS_FAILED);
      assertTrue(away.out().contains("kms main         WRONG"), away.out());
      var spared = site.configure("backup.kms.main.required = false").run("check", "--live");
      assertTrue(spared.expect(Exit.OK).out().contains("kms main         warning"), spared.out());
    }
  }

  private static Map<String, String> grades(Site site) {
    var grades = new TreeMap<String, String>();
    for (var exam : site.run("check", "--live", "--json").expect(Exit.OK).json()) {
      grades.put(exam.path("topic").stringValue(), exam.path("grade").stringValue());
    }
    return grades;
  }
}
