package dev.lifeboat.backup;

import dev.lifeboat.config.SecretSource;
import dev.lifeboat.vault.FakeVault;
import dev.lifeboat.vault.FakeVault.Reply;
import dev.lifeboat.vault.RequestObserver;
import dev.lifeboat.vault.TokenKeeper;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.vault.VaultConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/// One node that leads, serves a real snapshot and keeps a canary, and a client of it whose token
/// stands in a file.
final class ScriptedCluster implements AutoCloseable {
  final FakeVault vault = FakeVault.open();
  final VaultClient client;
  final TokenKeeper keeper;
  private final Path tokenFile;

  ScriptedCluster(Path folder) throws Exception {
    tokenFile = folder.resolve("token");
    Files.createFile(
        tokenFile,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    token("s.good");
    vault.active();
    leader(30);
    snapshot(Reply.body(200, "application/gzip", MadeBackup.snapshot()));
    vault.on("auth/token/lookup-self", Reply.lookup(3600, false));
    json("sys/key-status", "{\"data\":{\"term\":4,\"encryptions\":9}}");
    json("sys/mounts", "{\"data\":{\"sys/\":{\"type\":\"system\"},\"secret/\":{\"type\":\"kv\"}}}");
    json("sys/auth", "{\"data\":{\"token/\":{\"type\":\"token\"}}}");
    json("sys/policies/acl", "{\"data\":{\"keys\":[\"default\",\"root\"]}}");
    var config =
        new VaultConfig(
            vault.address(),
            List.of(),
            1,
            Optional.empty(),
            VaultConfig.Tls.DEFAULT,
            new VaultConfig.Auth.Token(new SecretSource.FromFile(tokenFile)),
            Duration.ofSeconds(2),
            Duration.ofSeconds(5));
    client = VaultClient.open(config, RequestObserver.NONE);
    keeper = TokenKeeper.open(client, config.auth(), InstantSource.system());
  }

  void token(String token) throws Exception {
    Files.writeString(tokenFile, token + "\n");
  }

  ScriptedCluster json(String path, String body) {
    vault.on(path, Reply.json(200, body));
    return this;
  }

  /// @param appliedIndex that of the recorded OpenBao snapshot is 37
  ScriptedCluster leader(long appliedIndex) {
    return json(
        "sys/leader",
        """
        {"ha_enabled":true,"is_self":true,"leader_address":"%s","raft_applied_index":%d,
        "raft_committed_index":%d}\
        """
            .formatted(vault.address(), appliedIndex, appliedIndex));
  }

  ScriptedCluster snapshot(Reply reply) {
    vault.on("sys/storage/raft/snapshot", reply);
    return this;
  }

  /// A KV version 2 mount `secret/` that keeps what was written last, and a transit key.
  ScriptedCluster canary() {
    AtomicReference<String> kept = new AtomicReference<>("");
    json(
        "sys/internal/ui/mounts/secret/lifeboat/canary",
        "{\"data\":{\"path\":\"secret/\",\"type\":\"kv\",\"options\":{\"version\":\"2\"}}}");
    json("transit/encrypt/lifeboat", "{\"data\":{\"ciphertext\":\"vault:v1:c1ph3r\"}}");
    vault.script(
        "secret/data/lifeboat/canary",
        request -> {
          if (!request.method().equals("GET")) {
            kept.set(request.body());
            return Reply.json(200, "{\"data\":{\"version\":7}}");
          }
          String fields = kept.get().strip();
          return Reply.json(
              200,
              "{\"data\":%s,\"metadata\":{\"version\":7}}}"
                  .formatted(fields.substring(0, fields.length() - 1)));
        });
    return this;
  }

  @Override
  public void close() {
    keeper.close();
    client.close();
    vault.close();
  }
}
