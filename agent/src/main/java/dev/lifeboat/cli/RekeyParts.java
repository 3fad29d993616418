package dev.lifeboat.cli;

import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.rekey.Exchange;
import dev.lifeboat.unseal.Share;
import dev.lifeboat.vault.TokenKeeper;
import dev.lifeboat.vault.VaultClient;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// What every way of `lifeboat rekey` needs.
record RekeyParts(
    LifeboatConfig config,
    VaultClient client,
    TokenKeeper keeper,
    ShareSources sources,
    Surroundings surroundings,
    boolean json) {
  /// Those that somebody gives, asked for once.
  Exchange.Old shares() {
    return new Exchange.Old() {
      private @Nullable List<Share> given;

      @Override
      public List<Share> get() throws InterruptedException {
        if (given == null) {
          given = read(needed(), false);
        }
        return given;
      }
    };
  }

  int needed() {
    return client.active().sealStatus().threshold();
  }

  /// @param part whether they are only some of those that are needed
  List<Share> read(int needed, boolean part) throws InterruptedException {
    return sources.read(config, needed, part, surroundings);
  }

  void print(String text, Supplier<ObjectNode> object) {
    surroundings.out().print(json ? Json.text(object.get()) : text);
  }
}
