package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Milestones;
import dev.lifeboat.cli.Exit;
import dev.lifeboat.keys.RecipientKey;
import dev.lifeboat.vault.Product;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `lifeboat keys rewrap`, SIGKILLed in the middle: nobody loses the right to open, and the same
/// command does the rest.
class RewrapCrashTest {
  private static final int BACKUPS = 6;
  private static final int ROUNDS = 8;
  private static final long SEED = 20_261_127;

  @TempDir Path folder;

  @Test
  @Timeout(value = 4, unit = TimeUnit.MINUTES)
  void a_rewrap_killed_at_any_instant_leaves_every_backup_open_to_those_of_before() {
    try (var cluster = TestClusters.start(Product.OPENBAO, 1, folder)) {
      var site = Site.beside(cluster, folder.resolve("site"));
      for (int i = 0; i < BACKUPS; i++) {
        var _ = site.backup();
      }
      var random = new SplittableRandom(SEED);
      int half = 0;
      String before = "";
      for (int round = 0; round < ROUNDS; round++) {
        var newcomer = "newcomer-" + round;
        var home = folderOf(newcomer);
        Program.here(
                Milestones.NONE, "keys", "generate", "--recipient", newcomer, "-o", home.toString())
            .expect(Exit.OK);
        var command = command(site, home.resolve(newcomer + ".recipient"), before);
        int keys = random.nextInt(1, BACKUPS);
        var key = "." + recipientId(home.resolve(newcomer + ".recipient")) + ".key";
        try (var process = Program.start(folder.resolve(newcomer + ".log"), command)) {
          while (process.alive() && count(site, key) < keys) {
            Thread.onSpinWait();
          }
          process.kill();
        }
        int opened = opening(site, home.resolve(newcomer + ".identity"));
        half += opened > 0 && opened < BACKUPS ? 1 : 0;
        site.verifyAll();

        var again = site.run(withoutConfig(command));
        assertEquals(Exit.OK.code(), again.code(), again.err());
        assertEquals(BACKUPS, opening(site, home.resolve(newcomer + ".identity")));
        site.verifyAll();
        before = recipientId(home.resolve(newcomer + ".recipient"));
      }
      assertTrue(half > 0, "no kill came in the middle, seed " + SEED);
    }
  }

  /// Adds one and takes the one of the last round away.
  private static String[] command(Site site, Path newcomer, String before) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "keys",
                "rewrap",
                "--all",
                "--yes",
                "--identity",
                site.identity().toString(),
                "--add",
                newcomer.toString()));
    if (!before.isEmpty()) {
      command.addAll(List.of("--remove", before));
    }
    return site.withConfig(command.toArray(String[]::new));
  }

  private static String[] withoutConfig(String[] command) {
    return Arrays.copyOf(command, command.length - 2);
  }

  private Path folderOf(String newcomer) {
    return Folders.create(folder.resolve(newcomer));
  }

  private static long count(Site site, String ending) {
    return Site.files(site.store()).stream().filter(file -> file.endsWith(ending)).count();
  }

  private static String recipientId(Path recipient) {
    return RecipientKey.readAll(recipient).getFirst().id();
  }

  /// How many of the backups this identity opens.
  private static int opening(Site site, Path identity) {
    int opened = 0;
    for (String id : site.listed()) {
      var run = site.run("verify", id, "--no-record", "--identity", identity.toString());
      opened += run.code() == Exit.OK.code() ? 1 : 0;
    }
    return opened;
  }
}
