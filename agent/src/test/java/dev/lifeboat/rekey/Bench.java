package dev.lifeboat.rekey;

import dev.lifeboat.config.Secret;
import dev.lifeboat.journal.Step;
import dev.lifeboat.unseal.Share;
import dev.lifeboat.vault.RequestObserver;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.vault.VaultConfig;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// What a step needs in a test.
final class Bench {
  private Bench() {}

  static VaultClient client(FakeRekey server, URI... peers) {
    return VaultClient.open(
        new VaultConfig(
            server.vault().address(),
            List.of(peers),
            0,
            Optional.of("team-a/"),
            VaultConfig.Tls.DEFAULT,
            new VaultConfig.Auth.None(),
            Duration.ofSeconds(2),
            Duration.ofSeconds(5)),
        RequestObserver.NONE);
  }

  static Secret token() {
    return new Secret("t");
  }

  /// Notes in memory.
  static final class Notes implements Step.Notes {
    private final Map<String, String> facts = new HashMap<>();
    private Consumer<Map<String, String>> before = _ -> {};

    /// What happens at each note, as soon as it is on the disk.
    Notes at(Consumer<Map<String, String>> happening) {
      before = happening;
      return this;
    }

    @Override
    public Map<String, String> all() {
      return Map.copyOf(facts);
    }

    @Override
    public void add(Map<String, String> more) {
      facts.putAll(more);
      before.accept(more);
    }
  }

  /// A place in memory that outlives a process.
  static final class Drawer implements Keeping {
    final Map<String, NewShares> sets = new HashMap<>();
    boolean readable = true;
    boolean unseen;
    boolean swapped;
    boolean pgp;

    List<Share> shares(String place) {
      NewShares set = sets.get(place);
      return set == null
          ? List.of()
          : set.keys().stream().map(key -> FakeRekey.share(key.reveal())).toList();
    }

    @Override
    public String words() {
      return "a drawer";
    }

    @Override
    public List<String> pgpKeys() {
      return pgp ? List.of("AQ==", "AQ==", "AQ==", "AQ==") : List.of();
    }

    @Override
    public boolean unseen() {
      return unseen;
    }

    @Override
    public String keep(NewShares shares, Consumer<String> before) {
      before.accept(shares.name());
      sets.put(shares.name(), shares);
      return shares.name();
    }

    @Override
    public Optional<List<Share>> readBack(String place, int threshold) {
      NewShares set = sets.get(place);
      if (!readable || set == null) {
        return Optional.empty();
      }
      return Optional.of(
          swapped
              ? FakeRekey.shares(99, threshold).stream().map(FakeRekey::share).toList()
              : set.keys().stream().map(key -> FakeRekey.share(key.reveal())).toList());
    }
  }
}
