package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the scripts say on a machine that lacks something. They run in a copy of the tree without
/// sources, and with a PATH that holds only what each test puts there.
@Tag("quick")
class ScriptsTest {
  private static final List<String> EVERY_MACHINE =
      List.of(
          "bash",
          "cat",
          "cut",
          "dirname",
          "env",
          "find",
          "flock",
          "grep",
          "mkdir",
          "mktemp",
          "mv",
          "readlink",
          "rm",
          "sed",
          "sh",
          "sha256sum",
          "tail");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"lifeboat", "verify"})
  void without_maven_there_is_a_hint(String script) throws Exception {
    var run = run(script, "status");

    assertEquals(3, run.exit(), run.output());
    assertTrue(run.output().contains("hint: install Maven 3.8.7 or newer"), run.output());
  }

  @Test
  void without_python_there_is_a_hint() throws Exception {
    var run = run("lab/servers/install", "openbao");

    assertEquals(1, run.exit(), run.output());
    assertTrue(run.output().contains("no Python 3 with pip was found"), run.output());
    assertTrue(run.output().contains("hint: install them"), run.output());
  }

  @Test
  void without_go_there_is_a_hint() throws Exception {
    var run = run("lab/servers/install", "vault");

    assertEquals(1, run.exit(), run.output());
    assertTrue(run.output().contains("hint: install Go 1.26 or newer"), run.output());
  }

  @Test
  void an_unknown_server_is_answered_with_the_known_ones() throws Exception {
    var run = run("lab/servers/install", "consul");

    assertEquals(1, run.exit(), run.output());
    assertTrue(run.output().contains("hint: openbao vault minio"), run.output());
  }

  @ParameterizedTest
  @ValueSource(strings = {"lifeboat", "verify", ".ci/run", "lab/servers/install", "pom.xml"})
  void no_registry_is_named(String file) throws IOException {
    var text = Files.readString(Checkout.root().resolve(file));

    // An address of the XML schema is the only one that any of them needs.
    assertFalse(text.contains("https://"), file);
    assertFalse(text.contains("<repository>"), file);
  }

  private record Run(int exit, String output) {}

  private Run run(String script, String argument) throws IOException, InterruptedException {
    var tree = folder.resolve("tree");
    Files.createDirectories(tree.resolve("lab"));
    Folders.copy(Checkout.root().resolve("lab/servers"), tree.resolve("lab/servers"));
    Files.createDirectories(tree.resolve("agent/src/main"));
    Folders.copy(
        Checkout.root().resolve("agent/src/main/launcher"),
        tree.resolve("agent/src/main/launcher"));
    for (String name : List.of("lifeboat", "verify")) {
      Folders.copy(Checkout.root().resolve(name), tree.resolve(name));
    }
    var output = folder.resolve("output");
    var builder =
        new ProcessBuilder(tree.resolve(script).toString(), argument)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", bin().toString());
    builder.environment().put("HOME", folder.toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    var process = builder.start();
    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    return new Run(
        process.exitValue(), new String(Files.readAllBytes(output), StandardCharsets.UTF_8));
  }

  private Path bin() throws IOException {
    var bin = Files.createDirectories(folder.resolve("bin"));
    var missing = new ArrayList<String>();
    for (String name : EVERY_MACHINE) {
      var real = Path.of("/usr/bin", name);
      if (!Files.exists(real)) {
        missing.add(name);
      } else if (!Files.exists(bin.resolve(name))) {
        Files.writeString(bin.resolve(name), "#!/bin/sh\nexec " + real + " \"$@\"\n");
        Files.setPosixFilePermissions(
            bin.resolve(name), PosixFilePermissions.fromString("rwx------"));
      }
    }
    assertEquals(List.of(), missing);
    return bin;
  }
}
