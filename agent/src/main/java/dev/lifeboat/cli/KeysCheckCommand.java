package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.KeyCheck;
import dev.lifeboat.backup.KeyCheck.Line;
import dev.lifeboat.daemon.OpenStores;
import dev.lifeboat.keys.Opener;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.store.Store;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `lifeboat keys check`: does this key open what would be restored tomorrow?
@Command(
    name = "check",
    header = "Prove that a key opens the newest backup of every store.",
    description = {
      "Unwraps its data key and decrypts the beginning of the data, with --deep all of it, and",
      "verifies the snapshot inside. A line for each store."
    })
final class KeysCheckCommand implements Verb {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final KeyOption key = new KeyOption();

  @Option(names = "--deep", description = "Decrypt all of it, not only its beginning.")
  private boolean deep;

  @Option(names = "--json", description = "Print a JSON array, one object a store.")
  private boolean json;

  @Override
  public Exit run(Surroundings surroundings) throws InterruptedException {
    BackupConfig backup = config.backup(config.read(surroundings), surroundings);
    Opener opener = key.opener(backup, surroundings).orElseThrow(KeyOption::missing);
    KeyCheck check = new KeyCheck(TrustedSigners.read(backup.trustedSignersFile()), opener, deep);
    List<Line> lines = new ArrayList<>();
    try (OpenStores stores = OpenStores.open(backup)) {
      for (Store store : stores.all()) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        Line line = check.of(store);
        lines.add(line);
        if (!json) {
          surroundings.out().println(text(line, opener));
        }
      }
    }
    if (json) {
      surroundings.out().print(Json.text(lines.stream().map(Json::keyCheck).toList()));
    }
    return exit(lines);
  }

  private String text(Line line, Opener opener) {
    String backup = line.backup().orElse("-");
    return switch (line.outcome()) {
      case OPENED ->
          "%s  ok      %s  opened by %s%s; %s"
              .formatted(
                  line.store(),
                  backup,
                  opener.words(),
                  deep ? ", to its end" : "",
                  Words.count(line.keys(), "recipient"));
      case NOTHING_THERE -> "%s  EMPTY   %s".formatted(line.store(), line.why());
      case WRONG_KEY -> "%s  CLOSED  %s  %s".formatted(line.store(), backup, line.why());
      case KMS_FAILED, DAMAGED, STORE_FAILED ->
          "%s  FAILED  %s  %s".formatted(line.store(), backup, line.why());
    };
  }

  /// The worst of all stores.
  private static Exit exit(List<Line> lines) {
    Exit worst = Exit.OK;
    for (Exit candidate :
        List.of(
            Exit.NOT_FOUND,
            Exit.KMS_FAILED,
            Exit.STORE_FAILED,
            Exit.WRONG_KEY,
            Exit.VERIFICATION_FAILED)) {
      worst = lines.stream().anyMatch(line -> exit(line) == candidate) ? candidate : worst;
    }
    return worst;
  }

  private static Exit exit(Line line) {
    return switch (line.outcome()) {
      case OPENED -> Exit.OK;
      case NOTHING_THERE -> Exit.NOT_FOUND;
      case WRONG_KEY -> Exit.WRONG_KEY;
      case KMS_FAILED -> Exit.KMS_FAILED;
      case DAMAGED -> Exit.VERIFICATION_FAILED;
      case STORE_FAILED -> Exit.STORE_FAILED;
    };
  }

  @Override
  public Set<Exit> exits() {
    return EnumSet.of(
        Exit.CONFIGURATION,
        Exit.VERIFICATION_FAILED,
        Exit.STORE_FAILED,
        Exit.NOT_FOUND,
        Exit.WRONG_KEY,
        Exit.KMS_FAILED);
  }
}
