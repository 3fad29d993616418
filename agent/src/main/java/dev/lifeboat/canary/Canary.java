package dev.lifeboat.canary;

import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultNode;
import io.github.jopenlibs.vault.Vault;
import io.github.jopenlibs.vault.json.JsonObject;
import io.github.jopenlibs.vault.json.JsonValue;
import io.github.jopenlibs.vault.response.LogicalResponse;
import io.github.jopenlibs.vault.rest.RestResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Writes and reads the canary: one KV version 2 secret (`PATH`, field `value`) and, when a transit
/// key is configured, a ciphertext of the same value kept beside it (field `ciphertext`).
///
/// `value` is 32 random bytes in Base64, which is also what transit calls a plaintext: the
/// ciphertext decrypts to `value` itself.
public final class Canary {
  /*
   * The mount is asked for first (sys/internal/ui/mounts, open to every token that may use the
   * path): a mount may have slashes in its name, and a KV version 1 mount would take a write to
   * `MOUNT/data/…` without a word and keep it as an ordinary secret of that odd name.
   *
   * Paths go to the driver raw, `MOUNT/data/REST` with the body of the KV version 2 API, so it
   * must not be told of any engine version: VaultNode.driver gives one that knows version 1 only.
   */
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int VALUE_BYTES = 32;

  /// No secret has been written so often.
  private static final int NO_VERSION = Integer.MAX_VALUE;

  private static final String HINT =
      "\nhint: are that mount and that key there? compare them with backup.canary";

  private final Vault driver;
  private final VaultNode node;

  private Canary(VaultNode node, Secret token) {
    this.node = node;
    this.driver = node.driver(token);
  }

  /// Writes a fresh random value on the active node and reads it back.
  ///
  /// @param path the logical path, such as `secret/lifeboat/canary` (mount first)
  /// @param transitKey `MOUNT/KEY`, such as `transit/lifeboat-canary`
  public static Written write(
      VaultNode active, Secret token, String path, Optional<String> transitKey) {
    return write(active, token, path, transitKey, true);
  }

  /// The same through any node, and not read back: a standby that answers reads itself has it a
  /// moment later.
  public static Written writeThrough(
      VaultNode node, Secret token, String path, Optional<String> transitKey) {
    return write(node, token, path, transitKey, false);
  }

  private static Written write(
      VaultNode node, Secret token, String path, Optional<String> transitKey, boolean readBack) {
    String dataPath = dataPath(node, token, path);
    String value = randomValue();
    Canary canary = new Canary(node, token);
    Optional<String> ciphertext = transitKey.map(key -> canary.encrypt(key, value));
    int version = canary.put(dataPath, value, ciphertext);
    if (readBack) {
      canary.compare(dataPath, value, ciphertext, version);
    }
    return new Written(path, version, sha256(value), transitKey, ciphertext);
  }

  /// Reads at one node what was written through another, or says that it is something else.
  public static void read(VaultNode node, Secret token, Written written) {
    String dataPath = dataPath(node, token, written.path());
    Canary canary = new Canary(node, token);
    JsonObject data = canary.call(dataPath, () -> canary.driver.logical().read(dataPath));
    int version = object(data, "metadata").getInt("version", 0);
    String value = object(data, "data").getString("value", "");
    if (version != written.version() || !sha256(value).equals(written.valueSha256())) {
      throw new CanaryException(
          "canary %s at %s: version %d is there, version %d was written elsewhere"
                  .formatted(dataPath, node.address(), version, written.version())
              + "\nhint: are both nodes of one cluster?");
    }
  }

  /// Does what [#write] does with the secret and leaves it as it is: the write is one that the
  /// server must refuse because of the version it names, which it looks at last. A value of its own
  /// would be another one than that of a backup which is under way.
  ///
  /// @param dataPath of [#dataPath]
  public static void rehearse(VaultNode active, Secret token, String dataPath) {
    Canary canary = new Canary(active, token);
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("options", new JsonObject().add("cas", NO_VERSION));
    body.put("data", new JsonObject().add("value", ""));
    try {
      canary.call(dataPath, () -> canary.driver.logical().write(dataPath, body));
      throw new CanaryException(
          "canary: %s at %s took a write that names version %d"
                  .formatted(dataPath, active.address(), NO_VERSION)
              + "\nhint: is the mount KV version 2?");
    } catch (CanaryException refused) {
      if (!String.valueOf(refused.getMessage()).contains("check-and-set")) {
        throw refused;
      }
    }
    try {
      canary.call(dataPath, () -> canary.driver.logical().read(dataPath));
    } catch (CanaryException none) {
      if (!(none.getCause() instanceof VaultException cause)
          || cause.reason() != VaultException.Reason.NOT_FOUND) {
        throw none;
      }
    }
  }

  /// Encrypts a random value, of which nothing stays.
  ///
  /// @param transitKey `MOUNT/KEY`
  public static void encrypt(VaultNode active, Secret token, String transitKey) {
    var _ = new Canary(active, token).encrypt(transitKey, randomValue());
  }

  private static String randomValue() {
    byte[] raw = new byte[VALUE_BYTES];
    RANDOM.nextBytes(raw);
    return Base64.getEncoder().encodeToString(raw);
  }

  /// Where in the API the canary lies, such as `secret/data/lifeboat/canary`; its mount must be KV
  /// version 2.
  public static String dataPath(VaultNode active, Secret token, String path) {
    JsonNode mount = mount(active, token, path);
    String mountPath = mount.path("path").asString("");
    String version = mount.path("options").path("version").asString("1");
    if (!mount.path("type").asString("").equals("kv") || !version.equals("2")) {
      throw new CanaryException(
          "canary %s: the mount '%s' is a %s, not KV version 2"
                  .formatted(path, mountPath, describe(mount, version))
              + "\nhint: point backup.canary.path into a mount made with:"
              + " bao secrets enable -path=secret -version=2 kv");
    }
    return mountPath + "data/" + path.substring(mountPath.length());
  }

  private static JsonNode mount(VaultNode active, Secret token, String path) {
    try {
      return active.read("sys/internal/ui/mounts/" + path, token).path("data");
    } catch (VaultException failure) {
      throw failure.reason() == VaultException.Reason.DENIED ? orMissing(failure) : failure;
    }
  }

  /// Both products answer the same 403 for what is not there as for what is not allowed.
  private static VaultException orMissing(VaultException denied) {
    return new VaultException(
        denied.reason(), denied.getMessage() + ", or the mount or key does not exist", denied);
  }

  private static String describe(JsonNode mount, String version) {
    String type = mount.path("type").asString("?");
    return type.equals("kv") ? "KV version " + version : "'" + type + "' engine";
  }

  /// Where in the API a transit key encrypts, such as `transit/encrypt/lifeboat-canary`.
  public static String encryptPath(String transitKey) {
    int slash = transitKey.lastIndexOf('/');
    return transitKey.substring(0, slash) + "/encrypt/" + transitKey.substring(slash + 1);
  }

  private String encrypt(String transitKey, String value) {
    String path = encryptPath(transitKey);
    JsonObject answer = call(path, () -> driver.logical().write(path, Map.of("plaintext", value)));
    String ciphertext = answer.getString("ciphertext", "");
    if (!ciphertext.startsWith("vault:v")) {
      throw new CanaryException(
          "canary: %s at %s answered no ciphertext".formatted(path, node.address())
              + "\nhint: is backup.canary.transit-key a transit key?");
    }
    return ciphertext;
  }

  private int put(String dataPath, String value, Optional<String> ciphertext) {
    JsonObject fields = new JsonObject().add("value", value);
    ciphertext.ifPresent(text -> fields.add("ciphertext", text));
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("data", fields);
    JsonObject answer = call(dataPath, () -> driver.logical().write(dataPath, body));
    int version = answer.getInt("version", 0);
    if (version < 1) {
      throw new CanaryException(
          "canary %s at %s: the answer to the write names no version"
                  .formatted(dataPath, node.address())
              + "\nhint: is the mount KV version 2?");
    }
    return version;
  }

  private void compare(String dataPath, String value, Optional<String> ciphertext, int version) {
    JsonObject data = call(dataPath, () -> driver.logical().read(dataPath));
    JsonObject fields = object(data, "data");
    int found = object(data, "metadata").getInt("version", 0);
    if (found != version) {
      throw new CanaryException(
          "canary %s at %s: version %d was written, version %d read back"
                  .formatted(dataPath, node.address(), version, found)
              + "\nhint: nobody else may write there");
    }
    if (!value.equals(fields.getString("value", ""))
        || !ciphertext.orElse("").equals(fields.getString("ciphertext", ""))) {
      throw new CanaryException(
          "canary %s at %s did not read back as it was written".formatted(dataPath, node.address())
              + "\nhint: look at the server's log and its storage");
    }
  }

  private static JsonObject object(JsonObject parent, String name) {
    JsonValue value = parent.get(name);
    return value != null && value.isObject() ? value.asObject() : new JsonObject();
  }

  @FunctionalInterface
  private interface DriverCall {
    LogicalResponse run() throws io.github.jopenlibs.vault.VaultException;
  }

  /// The `data` of the answer. The driver throws for a 5xx and hands on a 4xx like any success.
  private JsonObject call(String path, DriverCall call) {
    io.github.jopenlibs.vault.VaultException failed;
    try {
      LogicalResponse response = call.run();
      RestResponse answer = response.getRestResponse();
      if (answer.getStatus() / 100 == 2) {
        JsonObject data = response.getDataObject();
        return data == null ? new JsonObject() : data;
      }
      failed =
          new io.github.jopenlibs.vault.VaultException(
              "Response body: " + new String(answer.getBody(), StandardCharsets.UTF_8),
              answer.getStatus());
    } catch (io.github.jopenlibs.vault.VaultException e) {
      failed = e;
    }
    VaultException failure = node.failure(path, failed);
    throw switch (failure.reason()) {
      case REFUSED, NOT_FOUND, NOT_JSON ->
          new CanaryException("canary: " + failure.sentence() + HINT, failure);
      case DENIED -> orMissing(failure);
      case UNREACHABLE,
          TIMEOUT,
          TRUNCATED,
          STALLED,
          TLS,
          SEALED,
          REDIRECT_REFUSED,
          NO_LEADER,
          NO_CREDENTIAL,
          SERVER_ERROR ->
          failure;
    };
  }

  private static String sha256(String value) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(value.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /// What the manifest records. The value itself is not in it, only its SHA-256.
  ///
  /// @param version of the KV secret
  /// @param valueSha256 of the text of the field `value`, lower-case hex
  public record Written(
      String path,
      int version,
      String valueSha256,
      Optional<String> transitKey,
      Optional<String> ciphertext) {}
}
