package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeashTest {
  private static final Duration AT_ONCE = Duration.ofSeconds(2);

  @TempDir Path folder;

  @Test
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
