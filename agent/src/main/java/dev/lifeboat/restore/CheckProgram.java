package dev.lifeboat.restore;

import dev.lifeboat.backup.Manifest;
import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.VaultConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The command that says whether a backup is good.
///
/// It inherits the environment of whoever runs this but for what is said there of a Vault or an
/// OpenBao, so that it cannot ask the living cluster by mistake.
public final class CheckProgram {
  private static final long LAST_WORDS_MS = 1000;

  private final List<String> words;
  private final Map<String, String> environment;
  private final OutputStream said;

  /// @param environment ours
  /// @param said gets what it prints
  public CheckProgram(List<String> words, Map<String, String> environment, OutputStream said) {
    this.words = List.copyOf(words);
    this.environment = new LinkedHashMap<>(environment);
    this.environment.keySet().removeIf(name -> name.matches("(VAULT|BAO)_.*"));
    this.said = said;
  }

  /// What it is told of a copy. In the environment alone: arguments can be read by everybody on the
  /// machine.
  static Map<String, String> told(
      VaultConfig vault, NodeConfig scratch, Manifest manifest, Secret token) {
    Map<String, String> told = new LinkedHashMap<>();
    told.put("LIFEBOAT_BACKUP", manifest.id());
    told.put("LIFEBOAT_TAKEN_AT", manifest.takenAt().toString());
    for (String product : List.of("VAULT", "BAO")) {
      told.put(product + "_ADDR", scratch.address().toString());
      told.put(product + "_TOKEN", token.reveal());
      vault.tls().caFile().ifPresent(file -> told.put(product + "_CACERT", file.toString()));
      vault.tls().serverName().ifPresent(name -> told.put(product + "_TLS_SERVER_NAME", name));
      vault.namespace().ifPresent(name -> told.put(product + "_NAMESPACE", name));
    }
    return told;
  }

  /// Its program and its arguments, for the plan.
  String text() {
    return String.join(" ", words);
  }

  /// What tells it from another one: its words may be of nobody's business, and a journal stays.
  String sha256() {
    String ended = words.stream().map(word -> word + "\0").collect(Collectors.joining());
    return Sha256.of(ended.getBytes(StandardCharsets.UTF_8));
  }

  /// Its exit code, however long it takes. Interrupted, it is killed with its children.
  ///
  /// @param more variables, the token among them
  int run(Map<String, String> more) throws InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.environment().putAll(new TreeMap<>(more));
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw RestoreException.failed(
          "the check '%s' cannot be run: %s\nhint: the same command with one that can goes on"
              .formatted(words.getFirst(), e.getMessage()));
    }
    // Whoever waits for a pipe holds a carrier, so this is no virtual thread.
    Thread reader = Thread.ofPlatform().daemon().name("check-output").start(() -> drain(process));
    boolean ended = false;
    try {
      int code = process.waitFor();
      ended = true;
      reader.join(LAST_WORDS_MS);
      return code;
    } finally {
      if (!ended) {
        kill(process);
      }
    }
  }

  private void drain(Process process) {
    try (InputStream in = process.getInputStream()) {
      long ignored = in.transferTo(said);
      said.flush();
    } catch (IOException e) {
      // It was killed.
    }
  }

  private static void kill(Process process) {
    try (Stream<ProcessHandle> children = process.descendants()) {
      children.forEach(ProcessHandle::destroyForcibly);
    }
    process.destroyForcibly();
  }
}
