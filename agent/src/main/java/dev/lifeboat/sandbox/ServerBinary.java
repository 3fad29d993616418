package dev.lifeboat.sandbox;

import dev.lifeboat.sandbox.SandboxException.Reason;
import dev.lifeboat.vault.Product;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// A `bao` or `vault` program on this machine, and what it says it is.
///
/// @param version without the leading `v`, for example `2.7.2` or `1.21.0+ent`
public record ServerBinary(Path path, Product product, String version) {
  private static final Pattern ANSWER = Pattern.compile("(OpenBao|Vault) v([^\\s,]+)");
  private static final int ANSWER_BYTES_MAX = 1024;
  private static final long ANSWER_SECONDS_MAX = 20;

  /// Runs `PATH version`; [SandboxException] of reason `PROGRAM` when it is no such program.
  public static ServerBinary detect(Path path) {
    var answer = ANSWER.matcher(versionLine(path));
    if (!answer.lookingAt()) {
      throw refused(path, "says neither 'OpenBao v…' nor 'Vault v…' when asked for its version");
    }
    var product = answer.group(1).equals("OpenBao") ? Product.OPENBAO : Product.VAULT;
    return new ServerBinary(path, product, answer.group(2));
  }

  /// Such as `OpenBao 2.7.2`.
  public String title() {
    return (product == Product.OPENBAO ? "OpenBao " : "Vault ") + version;
  }

  private static String versionLine(Path path) {
    try {
      var process =
          new ProcessBuilder(path.toString(), "version")
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .start();
      try (var output = process.getInputStream()) {
        if (!process.waitFor(ANSWER_SECONDS_MAX, TimeUnit.SECONDS)) {
          throw refused(path, "did not answer 'version' in " + ANSWER_SECONDS_MAX + " s");
        }
        return new String(output.readNBytes(ANSWER_BYTES_MAX), StandardCharsets.UTF_8);
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw refused(path, "cannot be run: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw refused(path, "was interrupted while it told its version");
    }
  }

  private static SandboxException refused(Path path, String why) {
    return new SandboxException(
        Reason.PROGRAM,
        "server program " + path + " " + why + "\nhint: name a bao or vault binary");
  }
}
