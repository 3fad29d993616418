package dev.lifeboat.cli;

import dev.lifeboat.config.Secret;
import dev.lifeboat.keys.KeyFiles;
import dev.lifeboat.keys.ProtectedIdentity;
import dev.lifeboat.keys.RecipientIdentity;
import dev.lifeboat.keys.SigningKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `lifeboat keys generate`: a pair of keys in two files, never over an old one.
@Command(
    name = "generate",
    header = "Make a pair of keys in two files.",
    description = {
      "--recipient for those who may open backups, --signer for a node that takes them. Says",
      "what to do with each file. Never overwrites one."
    })
final class KeysGenerateCommand implements Verb {
  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._@-]{0,63}";

  @ArgGroup(multiplicity = "1")
  private Kind kind = new Kind();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      description = "The folder to write into. Default: the current one.")
  private Path folder = Path.of("");

  @Option(
      names = "--passphrase",
      description = "Protect the private key by a passphrase that is asked for on the terminal.")
  private boolean ask;

  @Mixin private final PassphraseOption passphrase = new PassphraseOption();

  /// Which of the two.
  static final class Kind {
    @Option(
        names = "--recipient",
        paramLabel = "NAME",
        description = "Writes NAME.identity (private) and NAME.recipient (public).")
    private @Nullable String recipient;

    @Option(
        names = "--signer",
        paramLabel = "NODE",
        description = "Writes NODE.signing-key (private) and NODE.signer (public).")
    private @Nullable String signer;
  }

  @Override
  public Exit run(Surroundings surroundings) throws InterruptedException {
    String words =
        kind.recipient != null
            ? recipient(valid(kind.recipient), surroundings)
            : signer(valid(kind.signer == null ? "" : kind.signer), surroundings);
    surroundings.out().print(words);
    return Exit.OK;
  }

  private static String valid(String name) {
    if (!name.matches(NAME)) {
      throw new CommandException(
          Exit.USAGE,
          "'%s' cannot be a key's name\nhint: letters, digits and . _ @ -, at most 64, a letter or "
                  .formatted(name)
              + "digit first");
    }
    return name;
  }

  private String recipient(String name, Surroundings surroundings) throws InterruptedException {
    RecipientIdentity identity = RecipientIdentity.generate(name);
    Path secret = folder.resolve(name + ".identity");
    Path open = folder.resolve(name + ".recipient");
    Optional<Secret> passphrase = passphrase(secret, open, surroundings);
    Secret content =
        passphrase.map(it -> ProtectedIdentity.protect(identity, it)).orElseGet(identity::line);
    write(secret, content, open, identity.recipient().toString());
    return """
        recipient %s, key id %s

        %s (private%s)
          Opens every backup made for this key. Keep it off the Vault nodes, in two safe places:
          without it, and without any other recipient's, a backup is lost.

        %s (public)
          Append its line to the recipients file (backup.recipients-file) of every node.
        """
        .formatted(
            name,
            identity.recipient().id(),
            secret,
            passphrase.isPresent() ? ", protected by the passphrase; keep that elsewhere" : "",
            open);
  }

  private Optional<Secret> passphrase(Path secret, Path open, Surroundings surroundings)
      throws InterruptedException {
    refuseExisting(secret, open);
    Optional<Secret> given =
        ask ? Optional.of(passphrase.askNew(secret, surroundings)) : passphrase.given(surroundings);
    given
        .map(ProtectedIdentity::objection)
        .filter(objection -> !objection.isEmpty())
        .ifPresent(
            objection -> {
              throw new CommandException(
                  Exit.USAGE,
                  objection
                      + "\nhint: six words of a dictionary, with blanks between, are a good one");
            });
    return given;
  }

  private String signer(String node, Surroundings surroundings) {
    if (ask || passphrase.given(surroundings).isPresent()) {
      throw new CommandException(
          Exit.USAGE,
          "a signing key has no passphrase\nhint: an agent uses it with nobody there to ask");
    }
    SigningKey key = SigningKey.generate(node);
    Path secret = folder.resolve(node + ".signing-key");
    Path open = folder.resolve(node + ".signer");
    write(secret, key.line(), open, key.signer().toString());
    return """
        signer %s, key id %s

        %s (private)
          Move it to node %s only, as backup.signing-key-file, readable by user lifeboat alone.
          If it is lost, make a new one; old backups stay good.

        %s (public)
          Append its line to the trusted signers (backup.trusted-signers-file) of every node and of
          everyone who verifies backups. Leave it there when the node is gone.
        """
        .formatted(node, key.signer().id(), secret, node, open);
  }

  private static void refuseExisting(Path secret, Path open) {
    for (Path file : new Path[] {secret, open}) {
      if (Files.exists(file)) {
        throw new CommandException(
            Exit.USAGE,
            "%s exists and is not overwritten\nhint: choose another name or folder"
                .formatted(file));
      }
    }
  }

  private static void write(Path secret, Secret secretLine, Path open, String openLine) {
    refuseExisting(secret, open);
    KeyFiles.writePrivate(secret, secretLine);
    KeyFiles.writePublic(open, openLine);
  }

  @Override
  public Set<Exit> exits() {
    return EnumSet.of(Exit.CONFIGURATION);
  }
}
