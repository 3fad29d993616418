package dev.lifeboat.lab.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.lab.Await;
import dev.lifeboat.lab.Checkout;
import dev.lifeboat.lab.Servers;
import dev.lifeboat.lab.Workplace;
import dev.lifeboat.sandbox.ServerBinary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DemoTest {
  private static final Duration WHOLE_DEMO = Duration.ofMinutes(3);
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration AT_ONCE = Duration.ofSeconds(2);
  private static final int SIGTERM_EXIT = 128 + 15;

  @TempDir Path folder;

  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void no_demo_outlives_its_test() {
    started.forEach(Process::destroyForcibly);
  }

  @Test
  void every_step_is_proven_on_openbao() throws Exception {
    var report = proven(Servers.openbao());

    assertEquals("openbao", report.path("product").asString());
    assertEquals(Servers.OPENBAO_VERSION, report.path("version").asString());
  }

  @Test
  void every_step_is_proven_on_vault() throws Exception {
    var report = proven(Servers.vault());

    assertEquals("vault", report.path("product").asString());
    assertEquals(Servers.VAULT_VERSION, report.path("version").asString());
  }

  /// Two S3 servers, one of which is lost at the end.
  @Test
  void every_step_is_proven_with_s3() throws Exception {
    var report = proven(Servers.openbao(), "--s3");

    assertEquals("openbao", report.path("product").asString());
    assertTrue(Files.readString(errors()).contains("where it is locked: a snapshot up to"));
  }

  @Test
  void nothing_runs_on_when_the_demo_is_killed_and_the_next_one_removes_its_folder()
      throws Exception {
    var demo = start(Servers.openbao());
    awaitAgents(demo);

    demo.destroyForcibly().waitFor();

    Await.until("all of it to be gone", AT_ONCE, () -> processesOf(demo).isEmpty());
    assertTrue(Files.exists(folderOf(demo)));
    Workplace.open("demo").close();
    assertFalse(Files.exists(folderOf(demo)));
  }

  @Test
  void nothing_is_left_when_the_demo_is_told_to_end() throws Exception {
    var demo = start(Servers.openbao());
    awaitAgents(demo);

    assertTrue(demo.toHandle().destroy());

    assertTrue(demo.waitFor(20, TimeUnit.SECONDS));
    assertEquals(SIGTERM_EXIT, demo.exitValue());
    nothingIsLeftOf(demo);
  }

  @Test
  void a_program_that_is_no_server_is_refused_with_a_hint() throws Exception {
    var demo = start(Path.of("/bin/true"), List.of());

    assertTrue(demo.waitFor(START.toSeconds(), TimeUnit.SECONDS));

    assertEquals(1, demo.exitValue());
    assertTrue(Files.readString(output()).contains("hint: name a bao or vault binary"));
  }

  private JsonNode proven(ServerBinary binary, String... more) throws Exception {
    var options = new ArrayList<>(List.of("--json"));
    options.addAll(List.of(more));
    var demo = start(binary.path(), options);
    var ended = demo.waitFor(WHOLE_DEMO.toSeconds(), TimeUnit.SECONDS);
    var words = Files.readString(errors());

    assertTrue(ended, words);
    assertEquals(0, demo.exitValue(), words);
    nothingIsLeftOf(demo);
    var report = JsonMapper.shared().readTree(Files.readString(output()));
    assertEquals(3, report.path("nodes").size());
    assertNotEquals(
        report.path("leader_before").asString(), report.path("leader_after").asString());
    assertTrue(report.path("failover_seconds").asDouble() > 0);
    assertEquals(6, report.path("urls").size());
    // They are dead by now, so nobody is sent to them; and what a command printed is shown.
    assertFalse(words.contains(report.path("urls").path(0).asString()), words);
    assertTrue(words.contains("./lifeboat demo --keep leaves it all running"), words);
    assertTrue(words.contains("  | backup " + report.at("/backups/0/id").asString()), words);
    assertEquals(2, report.path("backups").size());
    var first = report.path("backups").path(0);
    var second = report.path("backups").path(1);
    assertTrue(first.path("raft_index").asLong() < second.path("raft_index").asLong());
    for (var backup : List.of(first, second)) {
      assertTrue(backup.path("verified").asBoolean());
      assertTrue(backup.path("stored_bytes").asLong() > backup.path("plain_bytes").asLong());
    }
    return report;
  }

  private Process start(ServerBinary binary) throws IOException {
    return start(binary.path(), List.of());
  }

  private Process start(Path server, List<String> more) throws IOException {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-Dlifeboat.root=" + Checkout.root(),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.lifeboat.lab.Main",
                "demo",
                "--server",
                server.toString()));
    command.addAll(more);
    var demo =
        new ProcessBuilder(command)
            .redirectOutput(output().toFile())
            .redirectError(errors().toFile())
            .start();
    started.add(demo);
    return demo;
  }

  private Path output() {
    return folder.resolve("out");
  }

  private Path errors() {
    return folder.resolve("err");
  }

  private static void awaitAgents(Process demo) {
    Await.until("the demo's agents", START, () -> agentsOf(demo) == 3);
  }

  // Their watchers have the same words in their arguments, but begin with the shell.
  private static long agentsOf(Process demo) {
    return processesOf(demo).stream()
        .map(DemoTest::line)
        .filter(line -> line.contains("Main agent --config") && !line.startsWith("/bin/sh"))
        .count();
  }

  private static void nothingIsLeftOf(Process demo) {
    assertEquals(List.of(), processesOf(demo).stream().map(DemoTest::line).toList());
    assertFalse(Files.exists(folderOf(demo)));
  }

  private static Path folderOf(Process demo) {
    return Checkout.experiments().resolve("demo-" + demo.pid());
  }

  /// Servers, agents and watchers: all of them have the demo's folder in their arguments.
  private static List<ProcessHandle> processesOf(Process demo) {
    return ProcessHandle.allProcesses()
        .filter(process -> line(process).contains(folderOf(demo) + "/"))
        .toList();
  }

  private static String line(ProcessHandle process) {
    try {
      var line = Path.of("/proc", Long.toString(process.pid()), "cmdline");
      return new String(Files.readAllBytes(line), StandardCharsets.UTF_8).replace('\0', ' ');
    } catch (IOException ended) {
      return "";
    }
  }
}
