package dev.lifeboat.rekey;

import dev.lifeboat.config.Secret;
import dev.lifeboat.journal.Step;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultException.Reason;
import dev.lifeboat.vault.VaultNode;
import io.github.jopenlibs.vault.rest.RestResponse;
import java.util.Map;
import java.util.function.Supplier;

/// A new barrier key: what is written from now on is encrypted with it, and its term is the key
/// epoch that manifests of backups have. New shares alone change neither.
public final class Rotation implements Step {
  public static final String NAME = "rotate";
  private static final String PATH = "sys/rotate";

  private final VaultClient client;
  private final Supplier<Secret> token;

  public Rotation(VaultClient client, Supplier<Secret> token) {
    this.client = client;
    this.token = token;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String text() {
    return "rotate the barrier key: key epoch + 1";
  }

  /// The key epoch of now.
  static int term(VaultNode active, Secret token) {
    int term = active.read("sys/key-status", token).path("data").path("term").asInt(0);
    if (term < 1) {
      throw new VaultException(
          Reason.NOT_JSON, active.address() + "/v1/sys/key-status: the answer has no term");
    }
    return term;
  }

  @Override
  public Map<String, String> run(Notes notes) throws InterruptedException {
    VaultNode active = client.active();
    int now = term(active, token.get());
    String before = notes.all().get("before");
    if (before == null) {
      notes.add(Map.of("before", Integer.toString(now)));
    } else if (now > Integer.parseInt(before)) {
      // A process before this one has done it.
      return Map.of("epoch", Integer.toString(now));
    }
    try {
      RestResponse answer =
          active.rootDriver(token.get()).logical().write(PATH, Map.of()).getRestResponse();
      if (answer.getStatus() / 100 != 2) {
        throw new io.github.jopenlibs.vault.VaultException(
            "it answered " + answer.getStatus(), answer.getStatus());
      }
    } catch (io.github.jopenlibs.vault.VaultException e) {
      throw active.failure(PATH, e);
    }
    int after = term(client.active(), token.get());
    if (after <= now) {
      throw new VaultException(
          Reason.SERVER_ERROR,
          "%s/v1/%s: the key epoch is %d still\nhint: the same command tries again"
              .formatted(active.address(), PATH, after));
    }
    return Map.of("epoch", Integer.toString(after));
  }
}
