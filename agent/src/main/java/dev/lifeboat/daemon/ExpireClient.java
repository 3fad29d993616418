package dev.lifeboat.daemon;

import dev.lifeboat.backup.Expired;
import dev.lifeboat.backup.Expiry;
import dev.lifeboat.backup.Progress;
import dev.lifeboat.retention.Item;
import dev.lifeboat.retention.RetentionPlan;
import dev.lifeboat.retention.RetentionPolicy;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Carries out a plan that somebody has seen: by the agent that runs with this configuration or,
/// when none runs, by this process. Either plans again first and deletes nothing when another plan
/// comes of it.
public final class ExpireClient {
  private final Path socket;
  private final Expiry expiry;

  /// @param socket the control socket of the configuration
  public ExpireClient(Path socket, Expiry expiry) {
    this.socket = socket;
    this.expiry = expiry;
  }

  /// @throws ControlException `REFUSED` when the plan is no longer the one that was shown
  public Expired run(Store store, RetentionPolicy policy, boolean forceShare, RetentionPlan shown) {
    ObjectNode request =
        JsonNodeFactory.instance
            .objectNode()
            .put("command", "expire")
            .put("store", store.name())
            .put("force_share", forceShare)
            .put("plan", fingerprint(shown));
    try {
      return switch (ControlClient.ask(socket, request, Progress.NONE)) {
        case ControlClient.Reply.Done(JsonNode value) -> expired(value);
        case ControlClient.Reply.Failed(String reason, String message, String hint) ->
            throw failed(reason, message, hint);
      };
    } catch (ControlException e) {
      if (e.reason() != ControlException.Reason.NOT_RUNNING) {
        throw e;
      }
    }
    RetentionPlan plan = expiry.plan(store, policy, forceShare);
    if (!fingerprint(plan).equals(fingerprint(shown))) {
      ControlSocket.Answer.Failed changed = changed(store.name());
      throw refused(changed.message(), changed.hint());
    }
    return expiry.carryOut(store, plan, Progress.NONE);
  }

  /// What the agent said, as what it was there.
  static RuntimeException failed(String label, String message, String hint) {
    for (StoreException.Reason reason : StoreException.Reason.values()) {
      if (reason.label().equals(label)) {
        return new StoreException(reason, message);
      }
    }
    return refused(message, hint);
  }

  private static ControlException refused(String message, String hint) {
    return new ControlException(
        ControlException.Reason.REFUSED, hint.isEmpty() ? message : message + "\nhint: " + hint);
  }

  static ControlSocket.Answer.Failed changed(String store) {
    return new ControlSocket.Answer.Failed(
        "changed",
        "store %s: another plan has come of it since this one was shown".formatted(store),
        "nothing was deleted; look again: lifeboat expire. When it comes again, the agent has not"
            + " read your configuration yet: systemctl reload lifeboat");
  }

  /// The same for two plans that delete the same backups.
  static String fingerprint(RetentionPlan plan) {
    String ids = plan.toDelete().stream().map(Item::id).collect(Collectors.joining("\n"));
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(ids.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  static ObjectNode json(Expired expired) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ObjectNode locked = json.putObject("locked");
    expired.locked().forEach((id, until) -> locked.put(id, until.toString()));
    ArrayNode deleted = json.putArray("deleted");
    expired.deleted().forEach(deleted::add);
    ObjectNode unlocked = json.putObject("unlocked");
    expired.unlocked().forEach(unlocked::put);
    ObjectNode failed = json.putObject("failed");
    expired.failed().forEach(failed::put);
    json.put("broken_off", expired.brokenOff().orElse(null));
    return json;
  }

  private static Expired expired(JsonNode json) {
    List<String> deleted = new ArrayList<>();
    json.path("deleted").forEach(id -> deleted.add(id.asString("")));
    Map<String, Instant> locked = new TreeMap<>();
    texts(json.path("locked")).forEach((id, until) -> locked.put(id, Instant.parse(until)));
    JsonNode brokenOff = json.path("broken_off");
    return new Expired(
        locked,
        deleted,
        texts(json.path("unlocked")),
        texts(json.path("failed")),
        brokenOff.isString() ? Optional.of(brokenOff.stringValue()) : Optional.empty());
  }

  private static Map<String, String> texts(JsonNode json) {
    Map<String, String> texts = new TreeMap<>();
    json.properties().forEach(e -> texts.put(e.getKey(), e.getValue().asString("")));
    return texts;
  }
}
