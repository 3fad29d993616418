package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.keys.Recipient;
import dev.lifeboat.keys.RecipientKey;
import dev.lifeboat.kms.KmsRecipient;
import dev.lifeboat.rekey.Keeping;
import dev.lifeboat.rekey.KeptForPgp;
import dev.lifeboat.rekey.KeptInFiles;
import dev.lifeboat.rekey.KeptInSecrets;
import dev.lifeboat.rekey.RekeyConfig;
import dev.lifeboat.unseal.ShareFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where new shares go.
final class NewShareOptions {
  @Option(
      names = "--secret",
      paramLabel = "PREFIX",
      description =
          "To a new secret of AWS Secrets Manager, PREFIX-epoch-N. Default: rekey.secret.")
  private @Nullable String secret;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FOLDER",
      description =
          "To a file for each share in this folder, encrypted: to the keys given here, or to all"
              + " who can open the backups.")
  private @Nullable Path folder;

  @Option(
      names = "--recipient",
      paramLabel = "FILE",
      description =
          "With -o: the public key of a custodian (lifeboat keys generate --recipient), as many as"
              + " there are shares.")
  private List<Path> recipients = new ArrayList<>();

  @Option(
      names = "--pgp-key",
      paramLabel = "FILE",
      description =
          "With -o: the public PGP key of a custodian, likewise; the server itself encrypts to it.")
  private List<Path> pgpKeys = new ArrayList<>();

  @Option(
      names = "--unseen",
      description =
          "With -o: put the new shares in force although nobody has shown that the files open."
              + " Else that waits for the custodians.")
  private boolean unseen;

  @Option(names = "--print", description = "To this terminal, and nowhere else.")
  private boolean print;

  /// Empty when it cannot be told which.
  private List<String> asked() {
    return Stream.of(
            secret == null ? "" : "--secret", folder == null ? "" : "-o", print ? "--print" : "")
        .filter(option -> !option.isEmpty())
        .toList();
  }

  boolean printed() {
    return print;
  }

  /// @param key of whoever runs this
  /// @param shares how many there will be
  Keeping keeping(LifeboatConfig config, ShareFile.Key key, int shares, Surroundings surroundings) {
    List<String> asked = asked();
    if (asked.size() > 1) {
      throw usage(String.join(" and ", asked) + " are two places", "give one");
    }
    if (folder == null && (unseen || !recipients.isEmpty() || !pgpKeys.isEmpty())) {
      throw usage("--recipient, --pgp-key and --unseen go with -o", "-o FOLDER for the files");
    }
    if (print) {
      return new PrintedShares(surroundings);
    }
    if (folder != null) {
      return files(config, key, shares, folder);
    }
    String prefix = secret == null ? config.rekey().secret().orElse("") : secret;
    if (prefix.isEmpty()) {
      throw usage(
          "it has to be said where the new shares go",
          "--secret PREFIX, -o FOLDER, or rekey.secret in the configuration");
    }
    if (!RekeyConfig.isPrefix(prefix)) {
      throw usage("--secret takes the beginning of a name", "such as vault-unseal-keys");
    }
    return new KeptInSecrets(config.unseal().aws().secrets(), prefix);
  }

  private Keeping files(LifeboatConfig config, ShareFile.Key key, int shares, Path into) {
    if (!Files.isDirectory(into)) {
      throw usage(into + " is no folder", "mkdir -m 700 " + into);
    }
    Path absolute = into.toAbsolutePath().normalize();
    if (!pgpKeys.isEmpty()) {
      if (!recipients.isEmpty() || unseen) {
        throw usage(
            "--pgp-key goes with neither --recipient nor --unseen",
            "the server verifies what custodians have decrypted");
      }
      sameCount(pgpKeys.size(), shares);
      return new KeptForPgp(absolute, pgpKeys);
    }
    List<RecipientKey> custodians =
        recipients.stream().flatMap(file -> RecipientKey.readAll(file).stream()).toList();
    if (!custodians.isEmpty()) {
      sameCount(custodians.size(), shares);
      return new KeptInFiles(absolute, custodians, List.of(), key, unseen);
    }
    BackupConfig backup =
        config
            .backup()
            .orElseThrow(
                () ->
                    usage(
                        "there are no backups, whose recipients could open the files",
                        "--recipient FILE for each custodian"));
    List<Recipient> all = new ArrayList<>(RecipientKey.readAll(backup.recipientsFile()));
    backup.kms().forEach(kms -> all.add(new KmsRecipient(kms)));
    return new KeptInFiles(absolute, List.of(), all, key, unseen);
  }

  private static void sameCount(int keys, int shares) {
    if (keys != shares) {
      throw usage(
          "%d keys were given for %d shares".formatted(keys, shares),
          "one for each, or --shares %d".formatted(keys));
    }
  }

  private static CommandException usage(String what, String hint) {
    return new CommandException(Exit.USAGE, what + "\nhint: " + hint);
  }
}
