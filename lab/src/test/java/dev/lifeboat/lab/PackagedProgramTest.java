package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `agent/target/lifeboat`, as packages and `systemd/install` take it.
class PackagedProgramTest {
  @TempDir Path folder;

  /// Without them a backup takes twenty times as long and nothing else tells.
  @Test
  @Tag("quick")
  void it_has_its_ciphers_from_the_library_beside_its_jars() throws Exception {
    var file = Files.writeString(folder.resolve("no.snap"), "no snapshot");
    var command = new ArrayList<>(AgentProgram.command(List.of("inspect", file.toString())));
    command.add(1, "-Xlog:library=info");

    var output = output(command);

    var library =
        Checkout.root().resolve("agent/target/lifeboat/native/libamazonCorrettoCryptoProvider.so");
    assertTrue(output.contains("Loaded library " + library), output);
    assertFalse(output.contains("native_crypto_unavailable"), output);
  }

  private static String output(List<String> command) throws IOException, InterruptedException {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    var _ = process.waitFor();
    return output;
  }
}
