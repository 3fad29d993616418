package dev.lifeboat.vault;

import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Which of the two servers answers. Lower-case names are label and manifest values.
///
/// Neither says its name without a token, so it is told by fields that only one of them writes, in
/// every state from uninitialised to active (read off OpenBao 2.7.2 and Vault 1.21.0):
///
/// | answer | OpenBao | Vault |
/// |---|---|---|
/// | `sys/health` | – | `enterprise`, since 1.17 |
/// | `sys/seal-status` | `commit_date` | `build_date` |
///
/// `replication_performance_mode` is no sign: it is `unknown` on both while sealed. Where no such
/// field is there, the version decides: OpenBao began at 2.0, Vault before `enterprise` was 1.x.
public enum Product {
  OPENBAO,
  VAULT,
  UNKNOWN;

  /// By whichever of the two answers is there.
  public static Product of(Optional<Health> health, Optional<SealStatus> sealStatus) {
    Product byHealth = health.map(Health::product).orElse(UNKNOWN);
    return byHealth == UNKNOWN ? sealStatus.map(SealStatus::product).orElse(UNKNOWN) : byHealth;
  }

  static Product ofHealth(JsonNode health) {
    return health.has("enterprise") ? VAULT : ofVersion(Json.text(health, "version"));
  }

  static Product ofSealStatus(JsonNode status) {
    if (status.has("commit_date")) {
      return OPENBAO;
    }
    Product product = ofVersion(Json.text(status, "version"));
    // Without `enterprise` to look for, a 2.x with a `build_date` may be either.
    return product == OPENBAO ? UNKNOWN : product;
  }

  static Product ofVersion(String version) {
    if (version.startsWith("0.") || version.startsWith("1.")) {
      return VAULT;
    }
    return version.startsWith("2.") ? OPENBAO : UNKNOWN;
  }
}
