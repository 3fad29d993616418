package dev.lifeboat.lab.demo;

import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.VaultApi;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A few tenants with a few secrets each, and the knowledge of what must be read back.
final class Tenants {
  private static final List<String> NAMES = List.of("billing", "search", "shipping");
  private static final List<String> SECRETS = List.of("database", "smtp", "signing", "payments");

  private static final int LATE = 5;

  private final Map<String, String> written = new LinkedHashMap<>();

  int tenants() {
    return NAMES.size();
  }

  int secrets() {
    return written.size();
  }

  /// @param root the leader with a token that may write
  void write(VaultApi root) {
    for (String tenant : NAMES) {
      for (String secret : SECRETS) {
        write(root, "secret/data/tenants/" + tenant + "/" + secret, tenant + "-" + secret);
      }
    }
  }

  private void write(VaultApi root, String path, String value) {
    root.post(path, Map.of("data", Map.of("password", value))).require();
    written.put(path, value);
  }

  /// One attempt at one more secret; whether the node took it.
  boolean tryToWrite(VaultApi root, String value) {
    var path = "secret/data/tenants/billing/after-failover";
    var taken = root.post(path, Map.of("data", Map.of("password", value))).good();
    if (taken) {
      written.put(path, value);
    }
    return taken;
  }

  /// Some that are in no backup; how many.
  int writeLate(VaultApi root) {
    for (int number = 1; number <= LATE; number++) {
      root.post(late(number), Map.of("data", Map.of("password", "late"))).require();
    }
    return LATE;
  }

  /// How many of those are not there.
  int lost(VaultApi root) {
    int lost = 0;
    for (int number = 1; number <= LATE; number++) {
      lost += root.get(late(number)).good() ? 0 : 1;
    }
    return lost;
  }

  private static String late(int number) {
    return "secret/data/tenants/billing/late-" + number;
  }

  /// Reads every secret back; [LabException] names one that is not what was written.
  void check(VaultApi root) {
    written.forEach(
        (path, value) -> {
          var read = root.get(path).require().text("data.data.password");
          if (!read.equals(value)) {
            throw new LabException(path + " on " + root.address() + " is not what was written");
          }
        });
  }
}
