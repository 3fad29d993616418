package dev.lifeboat.unseal;

import dev.lifeboat.vault.FakeVault;
import dev.lifeboat.vault.FakeVault.Reply;
import dev.lifeboat.vault.FakeVault.Request;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A fake: counts shares as both products do (it splits no key), so that another's share can come
/// at an exact moment. What real seals do is proven in `lab`.
public final class FakeSeal {
  private final FakeVault vault = FakeVault.open();
  private int threshold;
  private Set<String> right;
  private final List<String> given = new ArrayList<>();
  private int attempts;
  private boolean sealed = true;
  private IntConsumer before = _ -> {};
  private URI leader = vault.address();
  private boolean self;

  /// @param right the shares that open it, in hex, together with any others of these
  public FakeSeal(int threshold, Set<String> right) {
    this.threshold = threshold;
    this.right = right;
    vault.script("sys/seal-status", _ -> status());
    vault.script("sys/unseal", this::unseal);
    vault.script("sys/leader", _ -> leader());
  }

  public FakeVault vault() {
    return vault;
  }

  /// What happens just before it counts each share, by how many it has then.
  public FakeSeal before(IntConsumer happening) {
    this.before = happening;
    return this;
  }

  /// As if somebody else gave one.
  synchronized void foreign(String share) {
    Reply _ = count(share);
  }

  /// Whom it names as the leader; itself unless said.
  public synchronized void follows(URI other) {
    leader = other;
  }

  /// It leads, and is known to others by this address.
  public synchronized void advertises(URI own) {
    leader = own;
    self = true;
  }

  /// Sealed anew, by another key: as after a restart, or when it took over other data.
  public synchronized void closes(int newThreshold, Set<String> newRight) {
    forget();
    threshold = newThreshold;
    right = newRight;
    sealed = true;
  }

  public synchronized int progress() {
    return given.size();
  }

  /// Open from the beginning.
  public synchronized void opens() {
    sealed = false;
  }

  public synchronized boolean open() {
    return !sealed;
  }

  synchronized List<String> given() {
    return List.copyOf(given);
  }

  public Reply unseal(Request request) {
    JsonNode body = JsonMapper.shared().readTree(request.body());
    if (body.path("reset").asBoolean(false)) {
      return reset();
    }
    int had = given().size();
    before.accept(had);
    return count(body.path("key").asString(""));
  }

  /// As if somebody else reset it.
  synchronized void forget() {
    given.clear();
    attempts++;
  }

  private synchronized Reply reset() {
    forget();
    return status();
  }

  private synchronized Reply count(String share) {
    if (sealed && !given.contains(share)) {
      given.add(share);
    }
    if (sealed && given.size() == threshold) {
      boolean fits = right.containsAll(given);
      given.clear();
      attempts++;
      if (!fits) {
        return Reply.json(400, "{\"errors\":[\"Unseal failed, invalid key\"]}");
      }
      sealed = false;
    }
    return status();
  }

  private synchronized Reply status() {
    return Reply.json(
        200,
        """
        {"type":"shamir","initialized":true,"sealed":%b,"t":%d,"n":5,"progress":%d,"nonce":"%s",\
        "version":"2.7.2","migration":false,"recovery_seal":false,"storage_type":"raft"}\
        """
            .formatted(sealed, threshold, given.size(), given.isEmpty() ? "" : "n" + attempts));
  }

  private synchronized Reply leader() {
    return sealed
        ? Reply.json(503, "{\"errors\":[\"Vault is sealed\"]}")
        : Reply.json(
            200,
            "{\"ha_enabled\":true,\"is_self\":%b,\"leader_address\":\"%s\"}"
                .formatted(self || leader.equals(vault.address()), leader));
  }
}
