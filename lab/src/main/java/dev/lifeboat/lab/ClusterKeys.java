package dev.lifeboat.lab;

import dev.lifeboat.config.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What `sys/init` gave: kept in `keys.json` (0600) in the cluster's folder, as only a lab may.
///
/// @param shares in Base64; unseal shares, or recovery shares of an auto-unseal
record ClusterKeys(Secret rootToken, List<Secret> shares) {
  private static final JsonMapper JSON = JsonMapper.shared();

  ClusterKeys {
    shares = List.copyOf(shares);
  }

  static ClusterKeys of(JsonNode init) {
    var shares = new ArrayList<Secret>();
    for (String name : List.of("keys_base64", "recovery_keys_base64")) {
      for (JsonNode share : init.path(name)) {
        shares.add(new Secret(share.stringValue()));
      }
    }
    return new ClusterKeys(new Secret(init.path("root_token").stringValue()), shares);
  }

  static ClusterKeys read(Path folder) {
    try {
      return of(JSON.readTree(Files.readAllBytes(file(folder))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void write(Path folder) {
    Folders.writeSecret(
        file(folder),
        JSON.writeValueAsString(
            Map.of(
                "root_token",
                rootToken.reveal(),
                "keys_base64",
                shares.stream().map(Secret::reveal).toList())));
  }

  private static Path file(Path folder) {
    return folder.resolve("keys.json");
  }
}
