package dev.lifeboat.unseal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// The custodian's own gpg, with their keys, agent and card.
final class Gpg {
  private static final int OUTPUT_MAX = 1 << 16;
  private static final int WORDS_MAX = 300;

  private Gpg() {}

  /// What is encrypted in the file. Nothing is written anywhere.
  ///
  /// @param terminal whether gpg may ask for a passphrase; without, its agent must know it
  static String decrypt(Path file, boolean terminal) throws InterruptedException {
    List<String> line = new ArrayList<>(List.of("gpg", "--quiet", "--no-auto-key-retrieve"));
    if (!terminal) {
      line.addAll(List.of("--batch", "--pinentry-mode", "error"));
    }
    line.addAll(List.of("--decrypt", "--", file.toAbsolutePath().toString()));
    Process process = start(line, file);
    CompletableFuture<String> decrypted = new CompletableFuture<>();
    CompletableFuture<String> words = new CompletableFuture<>();
    drain(process.getInputStream(), decrypted);
    drain(process.getErrorStream(), words);
    try {
      int code = process.waitFor();
      if (code != 0) {
        throw new UnsealException(
            "gpg does not decrypt %s: %s\nhint: %s"
                .formatted(
                    file,
                    brief(words.get()),
                    "gpg --decrypt %s > /dev/null must work for this user".formatted(file)));
      }
      return decrypted.get();
    } catch (ExecutionException e) {
      throw new UnsealException("what gpg says of %s is lost".formatted(file), e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static Process start(List<String> line, Path file) {
    try {
      ProcessBuilder builder = new ProcessBuilder(line);
      // The passphrase is asked for by pinentry, on the terminal that gpg is told of.
      return builder.redirectInput(ProcessBuilder.Redirect.INHERIT).start();
    } catch (IOException e) {
      throw new UnsealException(
          "%s is encrypted, and gpg cannot be started: %s\nhint: install gnupg"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private static void drain(InputStream from, CompletableFuture<String> whole) {
    // Whoever waits for a pipe holds a carrier, so this is no virtual thread.
    Thread.ofPlatform()
        .daemon()
        .name("gpg-output")
        .start(
            () -> {
              try (from) {
                whole.complete(
                    new String(from.readNBytes(OUTPUT_MAX), StandardCharsets.ISO_8859_1));
              } catch (IOException e) {
                whole.completeExceptionally(e);
              }
            });
  }

  /// What gpg says names keys and files, never a secret.
  private static String brief(String words) {
    String line = words.lines().reduce((first, last) -> last).orElse("it says nothing").strip();
    return line.length() > WORDS_MAX ? line.substring(0, WORDS_MAX) + "…" : line;
  }
}
