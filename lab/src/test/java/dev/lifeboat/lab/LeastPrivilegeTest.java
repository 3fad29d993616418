package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lifeboat.config.Secret;
import dev.lifeboat.lab.Provisioning.Role;
import dev.lifeboat.vault.Product;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;

/// A token with nothing but the policy of `docs/policies` can do what the policy says it is for,
/// and nothing else: whatever is asked besides is answered 403.
@ParameterizedClass(name = "{0}")
@BothProducts
@SuppressWarnings("NullAway.Init") // Set before each invocation of the class.
class LeastPrivilegeTest {
  /// @param body empty for none
  private record Request(String method, String path, Map<String, ?> body) {
    int status(VaultApi api) {
      return api.call(method, path, body).status();
    }

    @Override
    public String toString() {
      return method + " " + path;
    }
  }

  private static final List<Request> OWN_TOKEN =
      List.of(get("auth/token/lookup-self"), post("auth/token/renew-self", Map.of()));

  private static final List<Request> WATCH =
      List.of(
          get("sys/storage/raft/configuration"),
          get("sys/storage/raft/autopilot/state"),
          get("sys/ha-status"));

  private static final List<Request> BACKUP =
      List.of(
          get("sys/storage/raft/snapshot"),
          get("sys/storage/raft/configuration"),
          get("sys/ha-status"),
          get("sys/key-status"),
          get("sys/mounts"),
          get("sys/auth"),
          list("sys/policies/acl"),
          list("identity/entity/id"),
          post("secret/data/lifeboat/canary", Map.of("data", Map.of("value", "v"))),
          get("secret/data/lifeboat/canary"),
          post("transit/encrypt/lifeboat-canary", Map.of("plaintext", "dg==")),
          post("sys/capabilities-self", Map.of("paths", List.of("sys/mounts"))));

  private static final List<Request> RESTORE =
      List.of(
          get("sys/storage/raft/snapshot"),
          get("sys/storage/raft/configuration"),
          get("sys/storage/raft/autopilot/state"),
          get("sys/mounts"),
          post("secret/data/lifeboat/canary", Map.of("data", Map.of("value", "v"))),
          get("secret/data/lifeboat/canary"),
          post("transit/encrypt/lifeboat-canary", Map.of("plaintext", "dg==")),
          // Of a node that is none: both products answer 204.
          post("sys/storage/raft/remove-peer", Map.of("server_id", "node-9")));

  private static final List<Request> REKEY =
      List.of(
          get("sys/key-status"),
          get("sys/storage/raft/configuration"),
          get("sys/storage/raft/autopilot/state"),
          post("sys/capabilities-self", Map.of("paths", List.of("sys/rotate"))),
          post("sys/rotate", Map.of()));

  /// HashiCorp Vault has them not, and knows no difference without a right to them.
  private static final List<Request> REKEY_OF_OPENBAO =
      List.of(
          get("sys/rotate/recovery/init"),
          post(
              "sys/rotate/recovery/init",
              Map.of("secret_shares", 1, "secret_threshold", 1, "require_verification", true)),
          delete("sys/rotate/recovery/init"));

  /// The last ones end the cluster if they are not refused.
  private static final List<Request> NOBODY =
      List.of(
          get("secret/data/tenant"),
          get("secret/metadata/tenant"),
          list("secret/metadata"),
          get("secret/config"),
          post("secret/data/tenant", Map.of("data", Map.of("value", "v"))),
          post("secret/data/lifeboat/other", Map.of("data", Map.of("value", "v"))),
          delete("secret/data/lifeboat/canary"),
          delete("secret/metadata/lifeboat/canary"),
          post("secret/destroy/lifeboat/canary", Map.of("versions", List.of(1))),
          post("transit/decrypt/lifeboat-canary", Map.of("ciphertext", "vault:v1:AAAA")),
          post("transit/encrypt/other", Map.of("plaintext", "dg==")),
          get("transit/keys/lifeboat-canary"),
          get("transit/export/encryption-key/lifeboat-canary"),
          get("cubbyhole/any"),
          get("sys/policies/acl/lifeboat-backup"),
          get("sys/policies/acl/lifeboat-watch"),
          post("sys/policies/acl/lifeboat-watch", Map.of("policy", "")),
          post("sys/mounts/more", Map.of("type", "kv")),
          delete("sys/mounts/secret"),
          post("sys/auth/more", Map.of("type", "userpass")),
          get("sys/audit"),
          delete("sys/audit/file"),
          get("sys/config/state/sanitized"),
          get("sys/raw/core/keyring"),
          get("sys/metrics"),
          get("sys/host-info"),
          get("sys/pprof/heap"),
          list("sys/leases/lookup/auth"),
          post("sys/leases/revoke-force/auth", Map.of("sync", true)),
          post("sys/wrapping/wrap", Map.of("a", "b")),
          post("sys/tools/random", Map.of("bytes", 8)),
          post("auth/token/create", Map.of("policies", List.of("default"))),
          post("auth/token/create-orphan", Map.of("policies", List.of("default"))),
          list("auth/token/accessors"),
          get("auth/approle/role/lifeboat-backup/role-id"),
          post("auth/approle/role/lifeboat-backup/secret-id", Map.of()),
          post("auth/approle/role/more", Map.of("token_policies", List.of("root"))),
          post("identity/entity", Map.of("name", "more")),
          get("identity/entity/name/tenant"),
          get("sys/storage/raft/autopilot/configuration"),
          post("sys/storage/raft/autopilot/configuration", Map.of("min_quorum", 1)),
          post("sys/storage/raft/snapshot", Map.of("a", "b")),
          post("sys/storage/raft/snapshot-force", Map.of("a", "b")),
          post("sys/storage/raft/remove-peer", Map.of("server_id", "node-1")),
          post("sys/rotate", Map.of()),
          post("sys/step-down", Map.of()),
          post("sys/seal", Map.of()));

  @TempDir static Path base;
  private static Cluster cluster;

  LeastPrivilegeTest(Product product) {
    assertEquals(product, cluster.binary().product());
  }

  @BeforeParameterizedClassInvocation
  static void start(Product product) {
    cluster = TestClusters.start(product, 1, Folders.create(base.resolve(product.name())));
    var root = cluster.root();
    root.post("secret/data/tenant", Map.of("data", Map.of("password", "p"))).require();
    root.post("identity/entity", Map.of("name", "tenant")).require();
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    cluster.close();
  }

  @Test
  void the_watch_policy_reads_the_cluster_and_nothing_else() {
    var others = new ArrayList<>(BACKUP);
    others.removeAll(WATCH);
    others.addAll(NOBODY);

    expect(Role.WATCH, WATCH, others);
  }

  @Test
  void the_backup_policy_takes_a_snapshot_writes_the_canary_and_nothing_else() {
    var others = new ArrayList<>(WATCH);
    others.removeAll(BACKUP);
    others.addAll(NOBODY);

    expect(Role.BACKUP, BACKUP, others);
  }

  @Test
  void the_restore_policy_proves_a_node_takes_one_out_and_nothing_else() {
    var others = new ArrayList<>(BACKUP);
    others.addAll(WATCH);
    others.removeAll(RESTORE);
    others.addAll(NOBODY);
    others.removeIf(request -> request.path().equals("sys/storage/raft/remove-peer"));

    expect(Role.RESTORE, RESTORE, others);
  }

  @Test
  void the_rekey_policy_begins_a_rekey_rotates_and_does_nothing_else() {
    var allowed = new ArrayList<>(REKEY);
    if (cluster.binary().product() == Product.OPENBAO) {
      // A seal that opens itself has no unseal key to rekey, and another policy has no right to
      // ask.
      allowed.addAll(REKEY_OF_OPENBAO);
    }
    var others = new ArrayList<>(BACKUP);
    others.removeAll(REKEY);
    others.removeIf(request -> request.path().equals("sys/capabilities-self"));
    others.addAll(NOBODY);
    others.removeAll(REKEY);

    expect(Role.REKEY, allowed, others);
    expect(Role.BACKUP, List.of(), REKEY_OF_OPENBAO);
  }

  private static void expect(Role role, List<Request> allowed, List<Request> refused) {
    var api = cluster.nodes().getFirst().api().withToken(tokenWithNothingBut(role));
    var wrong = new ArrayList<String>();
    for (var requests : List.of(OWN_TOKEN, allowed)) {
      for (var request : requests) {
        int status = request.status(api);
        if (status != 200 && status != 204) {
          wrong.add(request + " is refused: " + status);
        }
      }
    }
    for (var request : refused) {
      int status = request.status(api);
      if (status != 403) {
        wrong.add(request + " is not refused: " + status);
      }
    }
    assertEquals(List.of(), wrong);
    assertEquals(204, post("auth/token/revoke-self", Map.of()).status(api));
    assertEquals(403, get("auth/token/lookup-self").status(api));
  }

  private static Secret tokenWithNothingBut(Role role) {
    return new Secret(
        cluster
            .root()
            .post(
                "auth/token/create",
                Map.of(
                    "policies", List.of(role.policyName()), "no_default_policy", true, "ttl", "5m"))
            .require()
            .text("auth.client_token"));
  }

  private static Request get(String path) {
    return new Request("GET", path, Map.of());
  }

  private static Request list(String path) {
    return new Request("LIST", path, Map.of());
  }

  private static Request delete(String path) {
    return new Request("DELETE", path, Map.of());
  }

  private static Request post(String path, Map<String, ?> body) {
    return new Request("POST", path, body);
  }
}
