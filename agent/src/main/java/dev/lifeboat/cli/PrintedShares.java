package dev.lifeboat.cli;

import dev.lifeboat.rekey.Keeping;
import dev.lifeboat.rekey.NewShares;
import dev.lifeboat.unseal.Share;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// New shares on the terminal, because somebody asked for that: they are gone with it.
record PrintedShares(Surroundings surroundings) implements Keeping {
  @Override
  public String words() {
    return "printed here, and stored nowhere";
  }

  @Override
  public boolean unseen() {
    return true;
  }

  @Override
  public String keep(NewShares shares, Consumer<String> before) {
    before.accept(words());
    int number = 0;
    String word = shares.target() == dev.lifeboat.rekey.Target.UNSEAL_KEY ? "Unseal" : "Recovery";
    surroundings.out().println();
    for (var key : shares.keys()) {
      surroundings.out().println("%s Key %d: %s".formatted(word, ++number, key.reveal()));
    }
    surroundings.out().println();
    surroundings.out().flush();
    return words();
  }

  @Override
  public Optional<List<Share>> readBack(String place, int threshold) {
    return Optional.empty();
  }
}
