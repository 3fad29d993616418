package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lifeboat.config.Secret;
import dev.lifeboat.keys.RecipientIdentity;
import dev.lifeboat.unseal.SealedShare;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Somebody who keeps a share.
final class Custodian {
  private Custodian() {}

  /// The share in a file of `lifeboat rekey`, in hex.
  static Secret open(Path file, Path identity) {
    return SealedShare.parse(Site.text(file), file.toString())
        .open(RecipientIdentity.read(identity), file.toString())
        .hex();
  }

  /// Their GnuPG, without a passphrase.
  record Gnupg(Path home) {
    /// @param armored whether the public key is written as text
    void generate(String name, Path publicKey, boolean armored)
        throws IOException, InterruptedException {
      run("--passphrase", "", "--quick-gen-key", name, "rsa2048", "encr", "never");
      List<String> export = new ArrayList<>(List.of("-o", publicKey.toString()));
      if (armored) {
        export.add("--armor");
      }
      export.addAll(List.of("--export", name));
      run(export.toArray(String[]::new));
    }

    private void run(String... arguments) throws IOException, InterruptedException {
      var line = new ArrayList<>(List.of("gpg", "--homedir", home.toString(), "--batch"));
      line.add("--quiet");
      line.addAll(List.of(arguments));
      var log = home.resolve("log.txt");
      var process =
          new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(log.toFile()).start();
      assertEquals(0, process.waitFor(), () -> Site.text(log));
    }

    void close() throws IOException, InterruptedException {
      var _ =
          new ProcessBuilder("gpgconf", "--homedir", home.toString(), "--kill", "all")
              .start()
              .waitFor();
    }
  }
}
