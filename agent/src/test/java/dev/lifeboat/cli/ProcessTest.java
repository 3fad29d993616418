package dev.lifeboat.cli;

import static java.nio.file.StandardOpenOption.APPEND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.daemon.FakeNode;
import dev.lifeboat.keys.KeyFiles;
import dev.lifeboat.keys.RecipientIdentity;
import dev.lifeboat.keys.SigningKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The program as a process of its own, with its own signals and exit codes.
@Timeout(120)
class ProcessTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path folder;
  private final List<Process> started = new ArrayList<>();
  private FakeNode node = FakeNode.start();

  @BeforeEach
  void keys() {
    SigningKey key = SigningKey.generate("n1");
    KeyFiles.writePrivate(folder.resolve("signing-key"), key.line());
    KeyFiles.writePublic(folder.resolve("trusted-signers"), key.signer().toString());
    KeyFiles.writePublic(
        folder.resolve("recipients"), RecipientIdentity.generate("ops").recipient().toString());
  }

  @AfterEach
  void nothing_is_left_running() throws InterruptedException {
    for (Process process : started) {
      process.destroyForcibly().waitFor();
    }
    node.close();
  }

  @Test
  void sigterm_ends_the_agent_in_under_two_seconds_with_code_0() throws Exception {
    Process agent = lifeboat("agent", "-c", config("a", "spool").toString());
    await(() -> log().contains("event=ready"));

    long began = System.nanoTime();
    agent.destroy();
    await(() -> log().contains("event=stopped"));
    Duration took = Duration.ofNanos(System.nanoTime() - began);

    assertTrue(agent.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    assertEquals(0, agent.exitValue(), log());
    assertTrue(took.toMillis() < 2000, took.toString());
    assertFalse(Files.exists(folder.resolve("a.sock")));
    assertFalse(log().contains("Exception"), log());
  }

  @Test
  void sigterm_also_ends_an_agent_whose_node_never_answered() throws Exception {
    URI address = node.address();
    node.close();
    Process agent = lifeboat("agent", "-c", config("a", "spool", address).toString());
    await(() -> log().contains("event=ready status=\"unreachable"));

    agent.destroy();

    assertTrue(agent.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    assertEquals(0, agent.exitValue(), log());
  }

  @Test
  void a_second_agent_on_the_same_spool_refuses_to_start() throws Exception {
    Process _ = lifeboat("agent", "-c", config("a", "spool").toString());
    await(() -> log().contains("event=ready"));

    Process second = lifeboat("agent", "-c", config("b", "spool").toString());

    assertTrue(second.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    assertEquals(Exit.ALREADY_RUNNING.code(), second.exitValue(), log());
    assertTrue(log().contains("lifeboat: the spool "), log());
    assertFalse(log().contains("Exception"), log());
  }

  @Test
  void a_second_agent_on_the_same_socket_refuses_to_start() throws Exception {
    Process _ = lifeboat("agent", "-c", config("a", "spool").toString());
    await(() -> log().contains("event=ready"));

    Process second = lifeboat("agent", "-c", config("a", "spool-2").toString());

    assertTrue(second.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    assertEquals(Exit.ALREADY_RUNNING.code(), second.exitValue(), log());
    assertTrue(log().contains("lifeboat: another agent answers on "), log());
    assertTrue(Files.exists(folder.resolve("a.sock")));
  }

  @Test
  void an_agent_whose_port_is_taken_says_so_and_no_more() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Path config = config("a", "spool");
      Files.writeString(
          config, "http.host = 127.0.0.1\nhttp.port = %d".formatted(taken.getLocalPort()), APPEND);

      Process agent = lifeboat("agent", "-c", config.toString());

      assertTrue(agent.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS));
      assertEquals(Exit.ALREADY_RUNNING.code(), agent.exitValue(), log());
      assertEquals(
          List.of(
              "lifeboat: cannot listen on 127.0.0.1:%d: Address already in use"
                  .formatted(taken.getLocalPort()),
              "hint: find what listens there with 'ss -ltnp', or set http.port"),
          log().lines().filter(line -> !line.contains(" event=")).toList());
    }
  }

  @Test
  void sighup_reads_the_configuration_again() throws Exception {
    Path config = config("a", "spool");
    Process agent = lifeboat("agent", "-c", config.toString());
    await(() -> log().contains("event=ready"));

    Files.writeString(config, "http.prot = 1");
    hangUp(agent);

    await(() -> log().contains("event=config_problem at=" + config + ":1 key=http.prot"));
    assertTrue(agent.isAlive());
  }

  @Test
  void a_one_shot_command_loads_neither_the_http_server_nor_the_metrics() throws Exception {
    Process list =
        start(
            List.of("-Xlog:class+load:file=" + folder.resolve("classes")),
            "list",
            "-c",
            config("a", "spool").toString());

    assertTrue(list.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    assertEquals(0, list.exitValue(), log());
    String classes = Files.readString(folder.resolve("classes"));
    assertTrue(classes.contains(" dev.lifeboat.cli.ListCommand "));
    for (String heavy : List.of(" io.vertx.", " io.netty.", " io.prometheus.", " com.cronutils.")) {
      assertFalse(classes.contains(heavy), heavy);
    }
  }

  @Test
  void a_reader_that_goes_away_is_no_error() throws Exception {
    Process help = lifeboat("--help");
    help.getInputStream().close();

    assertTrue(help.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    assertFalse(log().contains("Exception"), log());
  }

  private static void hangUp(Process process) throws Exception {
    int code = new ProcessBuilder("kill", "-HUP", Long.toString(process.pid())).start().waitFor();
    assertEquals(0, code);
  }

  private Path config(String name, String spool) throws IOException {
    return config(name, spool, node.address());
  }

  private Path config(String name, String spool, URI address) throws IOException {
    return Files.writeString(
        folder.resolve(name + ".conf"),
        """
        vault { address = "%s", request-timeout = 500ms }
        watch.interval = 500ms
        http.port = 0
        backup {
          node = n1
          schedules.daily.cron = null
          verification.cron = null
          spool = "DIR/%s"
          recipients-file = "DIR/recipients"
          signing-key-file = "DIR/signing-key"
          trusted-signers-file = "DIR/trusted-signers"
        }
        stores.local { type = local, path = "DIR/store" }
        control.socket = "DIR/%s.sock"
        """
            .formatted(address, spool, name)
            .replace("DIR", folder.toString()));
  }

  private Process lifeboat(String... args) throws IOException {
    return start(List.of(), args);
  }

  private Process start(List<String> options, String... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:+UseSerialGC");
    // Half the start; nothing here encrypts enough to miss the second compiler.
    command.add("-XX:TieredStopAtLevel=1");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(Main.class.getName());
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove("JOURNAL_STREAM");
    builder.environment().remove("NOTIFY_SOCKET");
    builder.redirectError(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()));
    Process process = builder.start();
    started.add(process);
    return process;
  }

  private String log() throws IOException {
    Path log = folder.resolve("log");
    return Files.exists(log) ? Files.readString(log) : "";
  }

  private void await(Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      assertTrue(
          System.nanoTime() < deadline, () -> "not within " + PATIENCE + "; log:\n" + text());
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  private String text() {
    try {
      return log();
    } catch (IOException e) {
      return e.toString();
    }
  }
}
