package dev.lifeboat.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.StringNode;

@Timeout(30)
class ControlSocketTest {
  private static final Map<String, ControlSocket.Command> PING =
      Map.of("ping", (_, _) -> new ControlSocket.Answer.Done(StringNode.valueOf("pong")));

  @TempDir Path folder;
  private Path path = Path.of("");

  @BeforeEach
  void name() {
    path = folder.resolve("run/control.sock");
  }

  @Test
  void answers_a_request() {
    try (var _ = ControlSocket.open(path, PING)) {
      var reply = ControlClient.ask(path, "ping", Progress.NONE);

      assertEquals(new ControlClient.Reply.Done(StringNode.valueOf("pong")), reply);
    }
  }

  @Test
  void whoever_is_interrupted_hears_that_the_agent_goes_on() throws Exception {
    var asked = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    Map<String, ControlSocket.Command> commands =
        Map.of(
            "backup",
            (_, _) -> {
              asked.countDown();
              release.await();
              return new ControlSocket.Answer.Done(StringNode.valueOf("done"));
            });
    try (var _ = ControlSocket.open(path, commands)) {
      var heard = new CompletableFuture<Throwable>();
      Thread client =
          Thread.ofPlatform()
              .start(
                  () ->
                      heard.complete(
                          assertThrows(
                              ControlException.class,
                              () -> ControlClient.ask(path, "backup", Progress.NONE))));
      assertTrue(asked.await(20, TimeUnit.SECONDS));

      client.interrupt();

      var left = (ControlException) heard.get(20, TimeUnit.SECONDS);
      assertEquals(ControlException.Reason.LEFT, left.reason());
      assertEquals("interrupted; the agent goes on with its backup", left.getMessage());
      release.countDown();
    }
  }

  @Test
  void passes_progress_on_and_then_the_refusal() {
    Map<String, ControlSocket.Command> commands =
        Map.of(
            "backup",
            (_, lines) -> {
              lines.progress("snapshot", 10);
              lines.progress("storing", 20);
              return new ControlSocket.Answer.Failed("denied", "no", "ask");
            });
    List<String> seen = new ArrayList<>();
    try (var _ = ControlSocket.open(path, commands)) {
      var reply = ControlClient.ask(path, "backup", (stage, bytes) -> seen.add(stage + bytes));

      assertEquals(new ControlClient.Reply.Failed("denied", "no", "ask"), reply);
      assertEquals(List.of("snapshot10", "storing20"), seen);
    }
  }

  @Test
  void is_open_to_owner_and_group_only_in_a_folder_that_is_too() throws IOException {
    try (var _ = ControlSocket.open(path, PING)) {
      assertEquals("rw-rw----", permissions(path));
      assertEquals("rwxr-x---", permissions(folder.resolve("run")));
    }
    assertFalse(Files.exists(path));
  }

  @Test
  void leaves_a_folder_that_was_there_as_it_is() throws IOException {
    Files.createDirectory(folder.resolve("run"));
    Files.setPosixFilePermissions(
        folder.resolve("run"), PosixFilePermissions.fromString("rwxr-xr-x"));

    try (var _ = ControlSocket.open(path, PING)) {
      assertEquals("rwxr-xr-x", permissions(folder.resolve("run")));
    }
  }

  @Test
  void replaces_the_socket_of_a_dead_process() throws IOException {
    Files.createDirectory(folder.resolve("run"));
    try (var dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(path));
    }
    assertTrue(Files.exists(path));

    try (var _ = ControlSocket.open(path, PING)) {
      var _ = ControlClient.ask(path, "ping", Progress.NONE);
    }
  }

  @Test
  void refuses_the_socket_of_a_living_process_and_leaves_it_working() {
    try (var _ = ControlSocket.open(path, PING)) {
      var e = assertThrows(ControlException.class, () -> ControlSocket.open(path, PING));

      assertEquals(ControlException.Reason.IN_USE, e.reason());
      assertTrue(String.valueOf(e.getMessage()).contains(path.toString()));
      var _ = ControlClient.ask(path, "ping", Progress.NONE);
    }
  }

  @Test
  void refuses_what_is_not_a_socket_and_does_not_delete_it() throws IOException {
    Files.createDirectory(folder.resolve("run"));
    Files.writeString(path, "precious");

    var e = assertThrows(ControlException.class, () -> ControlSocket.open(path, PING));

    assertEquals(ControlException.Reason.UNUSABLE, e.reason());
    assertEquals("precious", Files.readString(path));
  }

  @Test
  void refuses_a_path_that_no_socket_can_have() {
    Path longPath = folder.resolve("x".repeat(120));

    var e = assertThrows(ControlException.class, () -> ControlSocket.open(longPath, PING));

    assertEquals(ControlException.Reason.UNUSABLE, e.reason());
  }

  @Test
  void a_client_without_an_agent_is_told_so() throws IOException {
    assertEquals(ControlException.Reason.NOT_RUNNING, refusal(path));

    Files.createDirectory(folder.resolve("run"));
    try (var dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(path));
    }
    assertEquals(ControlException.Reason.NOT_RUNNING, refusal(path));
  }

  private static ControlException.Reason refusal(Path path) {
    return assertThrows(
            ControlException.class, () -> ControlClient.ask(path, "ping", Progress.NONE))
        .reason();
  }

  @Test
  void nonsense_is_answered_with_a_refusal() throws IOException {
    try (var _ = ControlSocket.open(path, PING)) {
      assertEquals(refused("unknown command 'dance'"), send("{\"command\":\"dance\"}\n"));
      assertEquals(refused("the request names no command"), send("{}\n"));
      assertEquals(refused("the request names no command"), send("[1]\n"));
      assertEquals(refused("the request names no command"), send("{\"command\":{}}\n"));
      assertEquals(refused("not a request: the line is not JSON"), send("hello\n"));
      assertEquals(refused("the request names no command"), send("\n"));
      assertEquals(refused("not a request: the line has no end"), send("{\"command\":"));
      assertEquals(refused("not a request: a line longer than 4096 bytes"), send("x".repeat(4096)));
    }
  }

  private static String refused(String message) {
    var object = JsonNodeFactory.instance.objectNode();
    object.putObject("failed").put("reason", "bad_request").put("message", message).put("hint", "");
    return object + "\n";
  }

  @Test
  void a_client_that_says_nothing_is_sent_away() throws IOException {
    try (var _ = ControlSocket.open(path, PING, Duration.ofMillis(50));
        SocketChannel silent = connect()) {
      assertEquals("", readAll(silent));
    }
  }

  @Test
  void a_client_that_leaves_does_not_end_the_command() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch left = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    Map<String, ControlSocket.Command> commands =
        Map.of(
            "backup",
            (_, lines) -> {
              begun.countDown();
              left.await();
              for (int i = 0; i < 100; i++) {
                lines.progress("snapshot", i);
              }
              ended.countDown();
              return new ControlSocket.Answer.Done(StringNode.valueOf("done"));
            });
    try (var _ = ControlSocket.open(path, commands)) {
      try (SocketChannel client = connect()) {
        write(client, "{\"command\":\"backup\"}\n");
        begun.await();
      }
      left.countDown();

      assertTrue(ended.await(10, TimeUnit.SECONDS));
    }
  }

  @Test
  void one_connection_too_many_is_told_so_and_a_free_place_is_used_again() throws IOException {
    try (var _ = ControlSocket.open(path, PING)) {
      List<SocketChannel> clients = new ArrayList<>();
      for (int i = 0; i < ControlSocket.CONNECTIONS_MAX; i++) {
        clients.add(connect());
      }
      try (SocketChannel oneMore = connect()) {
        assertTrue(readAll(oneMore).contains("\"reason\":\"busy\""));
      }
      for (SocketChannel client : clients) {
        write(client, "{\"command\":\"ping\"}\n");
        assertEquals("{\"done\":\"pong\"}\n", readAll(client));
        client.close();
      }
    }
  }

  @Test
  void a_bug_in_a_command_does_not_end_the_server() {
    Map<String, ControlSocket.Command> commands =
        Map.of(
            "status",
            (_, _) -> {
              throw new IllegalStateException("bug");
            });
    try (var _ = ControlSocket.open(path, commands)) {
      for (int i = 0; i < 2; i++) {
        var reply = ControlClient.ask(path, "status", Progress.NONE);
        assertEquals("internal", ((ControlClient.Reply.Failed) reply).reason());
      }
    }
  }

  private SocketChannel connect() throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(path));
  }

  private String send(String request) throws IOException {
    try (SocketChannel client = connect()) {
      write(client, request);
      client.shutdownOutput();
      return readAll(client);
    }
  }

  private static void write(SocketChannel client, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      int _ = client.write(bytes);
    }
  }

  private static String readAll(SocketChannel client) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(8192);
    while (client.read(buffer) >= 0) {
      buffer.flip();
      all.write(buffer.array(), 0, buffer.limit());
      buffer.clear();
    }
    return all.toString(StandardCharsets.UTF_8);
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }
}
