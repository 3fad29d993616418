package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.Manifest;
import dev.lifeboat.config.Secret;
import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.Opener;
import dev.lifeboat.secretsmanager.SecretsManagerException;
import dev.lifeboat.unseal.Share;
import dev.lifeboat.unseal.ShareFile;
import dev.lifeboat.unseal.ShareText;
import dev.lifeboat.unseal.UnsealConfig;
import dev.lifeboat.unseal.UnsealException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Where shares of an unseal key come from: files, secrets of AWS, a terminal. Never an argument,
/// which every process of the machine can read.
final class ShareSources {
  @Option(
      names = "--share-file",
      paramLabel = "FILE",
      description =
          "A file with shares: one a line, or what operator init printed. One that ends in .gpg or"
              + " .asc is decrypted by gpg, a .share of lifeboat rekey by --identity. May be given"
              + " again.")
  private List<Path> files = new ArrayList<>();

  @Option(
      names = "--share-secret",
      paramLabel = "NAME",
      description = "A secret of AWS Secrets Manager with shares, see unseal.aws. Likewise.")
  private List<String> secrets = new ArrayList<>();

  @Option(
      names = "--ask",
      description = "Ask for shares on the terminal, although the configuration names some.")
  private boolean ask;

  @Mixin private final IdentityOption identity = new IdentityOption();

  /// What the product's own commands take as arguments.
  static void refuseArguments(List<String> stray) {
    if (!stray.isEmpty()) {
      throw new CommandException(
          Exit.USAGE,
          "a share is never an argument: every process of this machine can read it\nhint: if that"
              + " was one, it is in the shell's history now; leave it out and type it when asked");
    }
  }

  IdentityOption identity() {
    return identity;
  }

  /// What is named here, else what the configuration names.
  private UnsealConfig named(UnsealConfig config) {
    refuseShares();
    boolean here = !files.isEmpty() || !secrets.isEmpty();
    return here || ask
        ? new UnsealConfig(files, secrets, config.serverConfigs(), config.aws())
        : config;
  }

  /// A share has come where a name is due: not quoted, and not looked for in AWS.
  private void refuseShares() {
    for (String secret : secrets) {
      if (isShare(secret) || !UnsealConfig.isSecretName(secret)) {
        throw new CommandException(
            Exit.USAGE, "--share-secret takes the name or the ARN of a secret, never a share");
      }
    }
    if (files.stream().anyMatch(file -> isShare(file.toString()))) {
      throw new CommandException(
          Exit.USAGE, "--share-file takes the name of a file, never a share");
    }
  }

  private static boolean isShare(String text) {
    return Share.parse(text, "", Share.Kind.UNNAMED).isPresent();
  }

  /// Whether somebody has to type them.
  boolean asked(UnsealConfig config) {
    UnsealConfig named = named(config);
    return ask || (named.shareFiles().isEmpty() && named.shareSecrets().isEmpty());
  }

  /// For the plan: each place by its name.
  String words(UnsealConfig config) {
    UnsealConfig named = named(config);
    List<String> words = new ArrayList<>();
    named.shareFiles().forEach(file -> words.add(file.toString()));
    named.shareSecrets().forEach(secret -> words.add("secret " + secret));
    if (asked(config)) {
      words.add("typed here, and not shown");
    }
    return String.join(", ", words);
  }

  /// Likewise, for nodes with this seal.
  String words(Manifest.Seal seal, UnsealConfig config) {
    return byShares(seal) ? words(config) : "none: it opens itself";
  }

  private static boolean byShares(Manifest.Seal seal) {
    return seal.type().equals("shamir");
  }

  /// What opens nodes with this seal; none when it opens itself.
  List<Share> read(Manifest.Seal seal, LifeboatConfig config, Surroundings surroundings)
      throws InterruptedException {
    return byShares(seal) ? read(config, seal.threshold(), false, surroundings) : List.of();
  }

  /// All that can be had. A place that fails is said, and is not fatal while the others suffice.
  ///
  /// @param needed how many different ones are wanted
  /// @param part whether they are only some of those that open a node
  List<Share> read(LifeboatConfig config, int needed, boolean part, Surroundings surroundings)
      throws InterruptedException {
    UnsealConfig named = named(config.unseal());
    ShareFile.Key key = key(config, surroundings);
    List<Share> shares = new ArrayList<>();
    Optional<RuntimeException> failed = Optional.empty();
    List<Reading> readings =
        Stream.concat(
                named.shareFiles().stream()
                    .map(file -> (Reading) () -> file(file, key, surroundings)),
                named.shareSecrets().stream().map(secret -> (Reading) () -> secret(named, secret)))
            .toList();
    for (Reading reading : readings) {
      try {
        shares.addAll(reading.read());
      } catch (UnsealException | SecretsManagerException | KeyException e) {
        failed = failed.or(() -> Optional.of(e));
        Failure.of(e).print(surroundings.err());
      }
    }
    if (asked(config.unseal())) {
      type(shares, needed, part, surroundings);
    }
    if (failed.isPresent() && distinct(shares) < needed) {
      throw new CommandException(
          Failure.of(failed.get()).exit(),
          "%d different shares were found, and %d are needed; nothing was sent"
              .formatted(distinct(shares), needed));
    }
    return shares;
  }

  /// Prints what is in the files, for a custodian who asked for that at their own machine.
  void show(Surroundings surroundings) throws InterruptedException {
    refuseShares();
    if (files.isEmpty()) {
      throw new CommandException(Exit.USAGE, "--show prints what is in a --share-file FILE");
    }
    ShareFile.Key key = key(Optional.empty(), surroundings);
    for (Path file : files) {
      for (Share share : file(file, key, surroundings)) {
        byte[] bytes = HexFormat.of().parseHex(share.hex().reveal());
        surroundings.out().println(Base64.getEncoder().encodeToString(bytes));
      }
    }
  }

  /// Of whoever runs this.
  ShareFile.Key key(LifeboatConfig config, Surroundings surroundings) {
    return key(config.backup(), surroundings);
  }

  private ShareFile.Key key(Optional<BackupConfig> backup, Surroundings surroundings) {
    return new ShareFile.Key() {
      private Optional<Opener> found = Optional.empty();
      private boolean asked;

      // A passphrase is asked for once, however many files there are.
      @Override
      public Optional<Opener> get() throws InterruptedException {
        if (!asked) {
          found = identity.find(backup, surroundings);
          asked = true;
        }
        return found;
      }
    };
  }

  private interface Reading {
    List<Share> read() throws InterruptedException;
  }

  private static List<Share> file(Path file, ShareFile.Key key, Surroundings surroundings)
      throws InterruptedException {
    return new ShareFile(file).read(surroundings.terminal(), key);
  }

  private static List<Share> secret(UnsealConfig config, String name) {
    Secret text = config.aws().secrets().read(name);
    return ShareText.read(text.reveal(), "secret " + name);
  }

  private static int distinct(List<Share> shares) {
    return Share.distinct(shares).size();
  }

  /// One custodian after the other. An empty line ends it: there is nobody else.
  private static void type(List<Share> shares, int needed, boolean part, Surroundings surroundings)
      throws InterruptedException {
    if (!surroundings.terminal()) {
      throw new CommandException(
          Exit.USAGE,
          "nobody is there to type shares\nhint: --share-file FILE, or --share-secret NAME");
    }
    while (distinct(shares) < needed) {
      String where = part ? "your share" : "share %d of %d".formatted(distinct(shares) + 1, needed);
      Secret typed = Terminal.hidden(where + ", not shown: ", surroundings);
      if (typed.reveal().isBlank()) {
        return;
      }
      Optional<Share> share = Share.parse(typed.reveal(), where + " typed", Share.Kind.UNNAMED);
      if (share.isEmpty()) {
        Failure.of(ShareText.noShare(typed.reveal(), "what was typed")).print(surroundings.err());
      } else if (shares.stream().anyMatch(share.get()::sameAs)) {
        surroundings.err().println("lifeboat: that share was given already; the next one, please");
      } else {
        shares.add(share.get());
      }
    }
  }
}
