package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.sandbox.LeashedProcess;
import dev.lifeboat.sandbox.LeashedProcess.Invocation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeashTest {
  private static final Duration AT_ONCE = Duration.ofSeconds(2);

  @TempDir Path folder;

  @Test
  @Tag("quick")
  void a_server_is_gone_when_the_jvm_that_started_it_was_killed() throws Exception {
    var jvm = ownerOfOneNode();
    try (var output = jvm.inputReader(StandardCharsets.UTF_8)) {
      var server = ProcessHandle.of(Long.parseLong(firstLine(output))).orElseThrow();
      assertTrue(server.isAlive());

      jvm.destroyForcibly().waitFor();

      Await.until("the server to be gone", AT_ONCE, () -> !server.isAlive());
    }
  }

  @Test
  void a_server_is_gone_when_the_jvm_that_started_it_exits_without_a_word() throws Exception {
    var jvm = ownerOfOneNode();
    try (var output = jvm.inputReader(StandardCharsets.UTF_8)) {
      var server = ProcessHandle.of(Long.parseLong(firstLine(output))).orElseThrow();

      // The end of its standard input is what it takes for Runtime.halt.
      jvm.outputWriter().close();
      assertTrue(jvm.waitFor(10, TimeUnit.SECONDS));

      Await.until("the server to be gone", AT_ONCE, () -> !server.isAlive());
    }
  }

  @Test
  void the_pid_is_the_programs_own_and_so_is_the_exit_code() throws IOException {
    var program = start("echo $$; exit 7");

    assertTrue(program.awaitEnd(AT_ONCE));

    assertEquals(7, program.exitCode());
    assertEquals(Long.toString(program.pid()), Files.readString(log()).strip());
  }

  @Test
  void stopping_is_polite_first_and_then_not() {
    var polite = start("trap 'exit 3' TERM; echo up; while :; do sleep 0.05; done");
    var deaf = start("trap '' TERM; echo up; while :; do sleep 0.05; done");
    Await.until("both to be up", AT_ONCE, () -> linesOfLog() == 2);

    polite.stop(AT_ONCE);
    deaf.stop(Duration.ofMillis(200));

    assertEquals(3, polite.exitCode());
    assertEquals(128 + 9, deaf.exitCode());
    assertFalse(deaf.alive());
  }

  @Test
  void nothing_of_our_environment_is_inherited() throws IOException {
    var program = start("env");

    assertTrue(program.awaitEnd(AT_ONCE));

    assertFalse(Files.readString(log()).contains("HOME="));
  }

  @Test
  void the_watcher_ends_with_the_program() {
    var program = start("echo up; exec sleep 60");
    Await.until("it to be up", AT_ONCE, () -> linesOfLog() == 1);
    var children = ProcessHandle.of(program.pid()).orElseThrow().children().toList();
    assertFalse(children.isEmpty());

    program.kill();

    Await.until(
        "the watcher to end", AT_ONCE, () -> children.stream().noneMatch(ProcessHandle::isAlive));
  }

  private Process ownerOfOneNode() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-Dlifeboat.root=" + Checkout.root(),
            "-cp",
            System.getProperty("java.class.path"),
            OwnerOfOneNode.class.getName(),
            folder.resolve("cluster").toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static String firstLine(BufferedReader output) throws IOException {
    var line = output.readLine();
    assertTrue(line != null, "the owner printed no pid");
    return line;
  }

  private LeashedProcess start(String script) {
    return LeashedProcess.start(
        new Invocation(
            List.of("/bin/sh", "-c", script),
            folder,
            Map.of("PATH", "/usr/bin:/bin"),
            log(),
            log()));
  }

  private long linesOfLog() {
    try (var lines = Files.lines(log())) {
      return lines.count();
    } catch (IOException e) {
      return 0;
    }
  }

  private Path log() {
    return folder.resolve("log");
  }

  /// Starts one node, prints its pid, waits for the end of its standard input, and ends without
  /// running any hook or closing anything.
  static final class OwnerOfOneNode {
    private OwnerOfOneNode() {}

    public static void main(String[] args) throws IOException {
      var cluster = Cluster.create(ClusterPlan.of(Servers.openbao(), 1), Path.of(args[0]));
      System.out.println(cluster.nodes().getFirst().pid());
      System.in.transferTo(OutputStream.nullOutputStream());
      Runtime.getRuntime().halt(0);
    }
  }
}
