package dev.lifeboat.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lifeboat.config.ByteSize;
import dev.lifeboat.config.ConfigFile;
import dev.lifeboat.config.SecretSource;
import dev.lifeboat.store.S3Config.Credentials;
import dev.lifeboat.store.S3Config.Encryption;
import dev.lifeboat.store.S3Config.Lock;
import dev.lifeboat.store.S3Config.LockMode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StoreConfigTest {
  @TempDir Path work;

  private List<StoreConfig> read(String text) throws IOException {
    Path file = Files.writeString(work.resolve("lifeboat.conf"), text);
    return ConfigFile.read(
        file, "stores {}", Map.of(), root -> StoreConfig.readAll(root.section("stores")));
  }

  private S3Config s3(String keys) throws IOException {
    var where = read("stores.far { type = s3, bucket = \"backups\"\n" + keys + "\n}").getFirst();
    return (S3Config) where.where();
  }

  @Test
  void the_defaults_of_a_bucket() throws Exception {
    assertEquals(
        List.of(
            new StoreConfig(
                "far",
                true,
                new S3Config(
                    "backups",
                    "",
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    false,
                    Optional.empty(),
                    new Credentials.Default(),
                    Encryption.NONE,
                    Lock.NONE,
                    ByteSize.mebibytes(16),
                    Duration.ofSeconds(30)))),
        read("stores.far { type = s3, bucket = \"backups\" }"));
  }

  @Test
  void every_key_of_a_bucket_is_applied() throws Exception {
    assertEquals(
        new S3Config(
            "backups",
            "vault/production/",
            Optional.of("backups-control"),
            Optional.of("eu-central-1"),
            Optional.of(URI.create("http://minio.example.net:9000")),
            true,
            Optional.of(Path.of("/ca.pem")),
            new Credentials.Files(
                new SecretSource.FromFile(Path.of("/access")),
                new SecretSource.FromFile(Path.of("/secret")),
                Optional.of(new SecretSource.FromFile(Path.of("/session")))),
            new Encryption(Optional.of("alias/backups"), Map.of("cluster", "production")),
            new Lock(LockMode.COMPLIANCE, 35),
            ByteSize.mebibytes(64),
            Duration.ofMinutes(2)),
        s3(
            """
            prefix = "vault/production", region = "eu-central-1", control-bucket = "backups-control"
            endpoint = "http://minio.example.net:9000", allow-plain = true, path-style = true
            ca-file = "/ca.pem", credentials = files
            access-key { file = "/access" }, secret-key { file = "/secret" }
            session-token { file = "/session" }
            sse { kms-key = "alias/backups", context { cluster = "production" } }
            lock { mode = compliance, days = 35 }
            part-size = 64MiB, stall-timeout = 2m
            """));
  }

  @Test
  void every_way_to_log_in() throws Exception {
    assertEquals(new Credentials.Default(), s3("credentials = default").credentials());
    assertEquals(
        new Credentials.Profile("backup"),
        s3("credentials = profile, profile = backup").credentials());
    assertEquals(
        new Credentials.WebIdentity("arn:aws:iam::1:role/backup", Path.of("/token")),
        s3("credentials = web-identity, role-arn = \"arn:aws:iam::1:role/backup\""
                + ", token-file = \"/token\"")
            .credentials());
  }

  @Test
  void plain_http_on_loopback_needs_no_leave() throws Exception {
    for (String host : List.of("127.0.0.1:9000", "localhost", "[::1]:9000")) {
      assertEquals(
          Optional.of(URI.create("http://" + host)),
          s3("endpoint = \"http://%s\"".formatted(host)).endpoint());
    }
  }
}
