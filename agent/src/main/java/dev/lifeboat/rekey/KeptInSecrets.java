package dev.lifeboat.rekey;

import dev.lifeboat.config.Secret;
import dev.lifeboat.secretsmanager.AwsSecrets;
import dev.lifeboat.unseal.Share;
import dev.lifeboat.unseal.ShareText;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A secret of AWS Secrets Manager for each key epoch, of which none is ever changed or deleted:
/// the backups of that epoch open with it.
///
/// @param prefix the secret is called `PREFIX-epoch-N`; `-2` and so on behind it when the name is
///   taken, by shares that never came into force
public record KeptInSecrets(AwsSecrets secrets, String prefix) implements Keeping {
  private static final int NAMES_MAX = 20;

  @Override
  public String words() {
    return "secret %s-epoch-N of AWS Secrets Manager".formatted(prefix);
  }

  @Override
  public String keep(NewShares shares, Consumer<String> before) {
    String base = "%s-epoch-%d".formatted(prefix, shares.epoch());
    for (int number = 1; number <= NAMES_MAX; number++) {
      String name = number == 1 ? base : base + "-" + number;
      before.accept(name);
      if (secrets.create(name, description(shares), text(shares))) {
        return name;
      }
    }
    throw new RekeyException(
        "secret %s and %d like it are there already\nhint: see whose they are, or give another name"
            .formatted(base, NAMES_MAX - 1));
  }

  private static String description(NewShares shares) {
    return "Shares (%s) of the %s of cluster %s from key epoch %d on, made by lifeboat rekey %s"
        .formatted(
            shares.shape(),
            shares.target().words(),
            shares.clusterId(),
            shares.epoch(),
            shares.name());
  }

  /// As `operator init` writes it, so that everything reads it that reads that.
  private static Secret text(NewShares shares) {
    ObjectNode json = JsonMapper.shared().createObjectNode();
    String field = shares.target() == Target.UNSEAL_KEY ? "keys_base64" : "recovery_keys_base64";
    ArrayNode keys = json.putArray(field);
    shares.keys().forEach(key -> keys.add(key.reveal()));
    return new Secret(json.toString());
  }

  @Override
  public Optional<List<Share>> readBack(String place, int threshold) {
    return Optional.of(ShareText.read(secrets.read(place).reveal(), "secret " + place));
  }
}
