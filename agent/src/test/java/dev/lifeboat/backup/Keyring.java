package dev.lifeboat.backup;

import dev.lifeboat.keys.KeyFiles;
import dev.lifeboat.keys.RecipientIdentity;
import dev.lifeboat.keys.RecipientKey;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.keys.TrustedSigners;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The keys of a test: two recipients and a node, and the files that name them.
record Keyring(
    RecipientIdentity escrow, RecipientIdentity second, SigningKey signing, Path folder) {
  static Keyring in(Path folder) throws IOException {
    Keyring keys =
        new Keyring(
            RecipientIdentity.generate("escrow"),
            RecipientIdentity.generate("second"),
            SigningKey.generate("node-1"),
            Files.createDirectories(folder.resolve("keys")));
    Files.writeString(
        keys.recipientsFile(),
        "# who can open backups\n%s\n%s\n"
            .formatted(keys.escrow.recipient(), keys.second.recipient()));
    KeyFiles.writePrivate(keys.signingKeyFile(), keys.signing.line());
    Files.writeString(keys.trustedSignersFile(), keys.signing.signer() + "\n");
    return keys;
  }

  Path recipientsFile() {
    return folder.resolve("recipients");
  }

  Path signingKeyFile() {
    return folder.resolve("signing-key");
  }

  Path trustedSignersFile() {
    return folder.resolve("trusted-signers");
  }

  TrustedSigners trusted() {
    return TrustedSigners.read(trustedSignersFile());
  }

  List<RecipientKey> recipients() {
    return List.of(escrow.recipient(), second.recipient());
  }
}
