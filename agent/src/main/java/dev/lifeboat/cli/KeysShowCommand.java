package dev.lifeboat.cli;

import dev.lifeboat.keys.ProtectedIdentity;
import dev.lifeboat.keys.RecipientIdentity;
import dev.lifeboat.keys.RecipientKey;
import dev.lifeboat.keys.SignerKey;
import dev.lifeboat.keys.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `lifeboat keys show`: what a key file holds. Of a private key only the public half is shown.
@Command(
    name = "show",
    header = "Show the keys in a file.",
    description = {
      "Kind, id, name and public line. Reads recipients, trusted signers and private keys; of a",
      "private key only the public half is shown."
    })
final class KeysShowCommand implements Verb {
  private static final long LIMIT_BYTES = 1 << 20;

  @Parameters(paramLabel = "FILE", description = "A key file of any kind.")
  private Path file = Path.of("");

  @Override
  public Exit run(Surroundings surroundings) {
    Table table = new Table("KIND", "KEY ID", "NAME", "PUBLIC LINE");
    int keys = 0;
    if (Files.exists(file) && ProtectedIdentity.isProtected(file)) {
      recipient(table, "identity (passphrase)", ProtectedIdentity.recipient(file));
      surroundings.out().print(table);
      return Exit.OK;
    }
    for (String line : lines()) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      keys++;
      switch (line.substring(0, Math.max(0, line.indexOf(' ')))) {
        case "lifeboat-recipient-1" -> recipient(table, "recipient", RecipientKey.parse(line));
        case "lifeboat-identity-1" ->
            recipient(table, "identity (private)", RecipientIdentity.read(file).recipient());
        case "lifeboat-signer-1" -> signer(table, "signer", SignerKey.parse(line));
        case "lifeboat-signing-key-1" ->
            signer(table, "signing key (private)", SigningKey.read(file).signer());
        default -> throw noKey();
      }
    }
    if (keys == 0) {
      throw noKey();
    }
    surroundings.out().print(table);
    return Exit.OK;
  }

  private CommandException noKey() {
    return new CommandException(
        Exit.CONFIGURATION,
        "%s is no key file of lifeboat\nhint: its lines begin with lifeboat-recipient-1, "
                .formatted(file)
            + "lifeboat-identity-1, lifeboat-signer-1 or lifeboat-signing-key-1");
  }

  private static void recipient(Table table, String kind, RecipientKey key) {
    table.row(kind, key.id(), key.comment(), key.toString());
  }

  private static void signer(Table table, String kind, SignerKey key) {
    table.row(kind, key.id(), key.node(), key.toString());
  }

  private List<String> lines() {
    try {
      if (Files.size(file) > LIMIT_BYTES) {
        throw noKey();
      }
      return Files.readAllLines(file);
    } catch (java.nio.charset.CharacterCodingException e) {
      throw noKey();
    } catch (IOException e) {
      throw InputFile.failed(file, e);
    }
  }

  @Override
  public Set<Exit> exits() {
    return EnumSet.of(Exit.CONFIGURATION, Exit.NOT_FOUND);
  }
}
