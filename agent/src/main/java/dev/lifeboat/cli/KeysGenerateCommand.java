package dev.lifeboat.cli;

import dev.lifeboat.config.Secret;
import dev.lifeboat.keys.KeyFiles;
import dev.lifeboat.keys.RecipientIdentity;
import dev.lifeboat.keys.SigningKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
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
  public Exit run(Surroundings surroundings) {
    String words =
        kind.recipient != null
            ? recipient(valid(kind.recipient))
            : signer(valid(kind.signer == null ? "" : kind.signer));
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

  private String recipient(String name) {
    RecipientIdentity identity = RecipientIdentity.generate(name);
    Path secret = folder.resolve(name + ".identity");
    Path open = folder.resolve(name + ".recipient");
    write(secret, identity.line(), open, identity.recipient().toString());
    return """
        recipient %s, key id %s

        %s (private)
          Opens every backup made for this key. Keep it off the Vault nodes, in two safe places:
          without it, and without any other recipient's, a backup is lost.

        %s (public)
          Append its line to the recipients file (backup.recipients-file) of every node.
        """
        .formatted(name, identity.recipient().id(), secret, open);
  }

  private String signer(String node) {
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

  private static void write(Path secret, Secret secretLine, Path open, String openLine) {
    for (Path file : new Path[] {secret, open}) {
      if (Files.exists(file)) {
        throw new CommandException(
            Exit.USAGE,
            "%s exists and is not overwritten\nhint: choose another name or folder"
                .formatted(file));
      }
    }
    KeyFiles.writePrivate(secret, secretLine);
    KeyFiles.writePublic(open, openLine);
  }

  @Override
  public Set<Exit> exits() {
    return EnumSet.of(Exit.CONFIGURATION);
  }
}
