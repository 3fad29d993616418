package dev.lifeboat.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// Sets a cluster up the way `docs/backup.md` tells an administrator to: KV version 2 at `secret/`,
/// a transit key for the canary, and AppRole with one role per policy of `docs/policies`.
public final class Provisioning {
  public static final String CANARY_PATH = "secret/lifeboat/canary";
  public static final String CANARY_TRANSIT_KEY = "transit/lifeboat-canary";

  private static final Duration UPGRADE = Duration.ofSeconds(15);

  private Provisioning() {}

  /// The roles; each has the policy of its name.
  public enum Role {
    WATCH("watch"),
    BACKUP("backup"),
    RESTORE("restore"),
    REKEY("rekey");

    private final String policy;

    Role(String policy) {
      this.policy = policy;
    }

    public String policyName() {
      return "lifeboat-" + policy;
    }

    public Path policyFile() {
      return Checkout.root().resolve("docs/policies/" + policy + ".hcl");
    }
  }

  /// @param root the leader with the root token
  public static void install(VaultApi root) {
    root.post("sys/mounts/secret", Map.of("type", "kv", "options", Map.of("version", "2")))
        .require();
    root.post("sys/mounts/transit", Map.of("type", "transit")).require();
    root.put("transit/keys/lifeboat-canary", Map.of("type", "aes256-gcm96")).require();
    root.post("sys/auth/approle", Map.of("type", "approle")).require();
    for (Role role : Role.values()) {
      root.put("sys/policies/acl/" + role.policyName(), Map.of("policy", text(role.policyFile())))
          .require();
      root.post(
              "auth/approle/role/" + role.policyName(),
              Map.of("token_policies", List.of(role.policyName()), "token_ttl", "20m"))
          .require();
    }
    // KV version 2 answers 400 "upgrading" for a moment after it is mounted.
    Await.until(
        "KV version 2 to be ready", UPGRADE, () -> root.get("secret/config").status() == 200);
  }

  /// A new secret id of the role, in two files (0600) in `folder`.
  public static Credentials credentials(VaultApi root, Role role, Path folder) {
    var path = "auth/approle/role/" + role.policyName();
    Folders.create(folder);
    return new Credentials(
        Folders.writeSecret(
            folder.resolve(role.policyName() + "-role-id"),
            root.get(path + "/role-id").require().text("data.role_id")),
        Folders.writeSecret(
            folder.resolve(role.policyName() + "-secret-id"),
            root.put(path + "/secret-id", Map.of()).require().text("data.secret_id")));
  }

  public record Credentials(Path roleIdFile, Path secretIdFile) {}

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
