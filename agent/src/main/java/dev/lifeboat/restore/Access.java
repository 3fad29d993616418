package dev.lifeboat.restore;

import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.TokenKeeper;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.vault.VaultConfig.Auth;
import dev.lifeboat.vault.VaultException;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// Our login into the cluster that is got back, made when it is first needed: before, there is none
/// to log in to. It lies in the data that comes back, so that it works is a proof of its own.
final class Access implements AutoCloseable {
  private final Nodes nodes;
  private final Auth auth;
  private final InstantSource clock;
  private @Nullable VaultClient client;
  private @Nullable TokenKeeper keeper;

  Access(Nodes nodes, Auth auth, InstantSource clock) {
    this.nodes = nodes;
    this.auth = auth;
    this.clock = clock;
  }

  /// @param at the node that is asked the first time
  Secret token(Node at) {
    if (keeper == null) {
      client = nodes.clientOf(at);
      keeper = TokenKeeper.open(client, auth, clock);
    }
    try {
      return keeper.token();
    } catch (VaultException e) {
      throw new VaultException(
          e.reason(),
          "%s\nhint: the login of restore.auth, or of backup.auth, must be one that the restored"
                  .formatted(e.sentence())
              + " data knows: docs/policies/restore.hcl; a root token of then does as well",
          e);
    }
  }

  /// What was served before is not what comes back: the next one logs in anew.
  void forget() {
    if (keeper != null) {
      keeper.close();
      keeper = null;
    }
    if (client != null) {
      client.close();
      client = null;
    }
  }

  @Override
  public void close() {
    forget();
  }
}
