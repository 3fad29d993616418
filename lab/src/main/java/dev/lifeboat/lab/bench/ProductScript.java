package dev.lifeboat.lab.bench;

import dev.lifeboat.config.Secret;
import dev.lifeboat.lab.ClusterNode;
import dev.lifeboat.lab.LabException;
import dev.lifeboat.sandbox.LeashedProcess;
import dev.lifeboat.sandbox.LeashedProcess.Invocation;
import dev.lifeboat.sandbox.ServerBinary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The server's own command line as a script uses it, at one node.
///
/// @param folder where what it prints is kept for a moment
record ProductScript(ClusterNode node, ServerBinary binary, Secret token, Path folder) {
  private static final Duration BOUND = Duration.ofMinutes(2);

  /// @return what it printed
  String run(String... arguments) {
    Result result = attempt(arguments);
    if (result.exit() != 0) {
      throw new LabException(
          "%s ended with %d: %s"
              .formatted(String.join(" ", arguments), result.exit(), result.output()));
    }
    return result.output();
  }

  record Result(int exit, String output) {}

  Result attempt(String... arguments) {
    List<String> command = new ArrayList<>(List.of(binary.path().toString()));
    command.addAll(List.of(arguments));
    try {
      Path output = Files.createTempFile(folder, "script-", ".out");
      LeashedProcess process =
          LeashedProcess.start(new Invocation(command, folder, environment(), output, output));
      if (!process.awaitEnd(BOUND)) {
        process.kill();
        throw new LabException(String.join(" ", arguments) + " has not ended");
      }
      String text = Files.readString(output);
      Files.delete(output);
      return new Result(process.exitCode(), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    environment.put("HOME", folder.toString());
    environment.put("PATH", "/usr/local/bin:/usr/bin:/bin");
    for (String prefix : List.of("BAO", "VAULT")) {
      environment.put(prefix + "_ADDR", node.address().toString());
      environment.put(prefix + "_TOKEN", token.reveal());
    }
    return environment;
  }
}
