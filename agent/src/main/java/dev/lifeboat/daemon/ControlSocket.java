package dev.lifeboat.daemon;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The Unix socket by which the command line talks to a running agent.
///
/// Its file permissions are the whole access control: mode 0660, in a folder that is made 0750 when
/// it is not there. What can be asked can do no more harm than a backup too many, or one deleted
/// that the configured retention no longer keeps.
public final class ControlSocket implements AutoCloseable {
  /*
   * Protocol, version 1. A connection carries one request and its answers, each a JSON object on a
   * line of its own (UTF-8):
   *
   *   > {"command":"backup"}                       ping, status, backup, reload, expire,
   *                                                pin, unpin
   *   < {"progress":{"stage":"snapshot","bytes":1048576}}     any number; at least one a second
   *   < {"done":{…}}                                          or
   *   < {"failed":{"reason":"denied","message":"…","hint":"…"}}
   *
   * Then the agent closes. A request line is at most 4096 bytes and is due within ten seconds. A
   * client that goes away while a backup runs ends only its own watching.
   */
  static final int REQUEST_BYTES_MAX = 4096;
  static final int CONNECTIONS_MAX = 16;
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration LAST_WORDS = Duration.ofMillis(250);
  private static final int PATH_MAX = 107;
  private static final System.Logger logger = System.getLogger(ControlSocket.class.getName());

  private final Path path;
  private final Object fileKey;
  private final ServerSocketChannel server;
  private final Map<String, Command> commands;
  private final Duration patience;
  private final Semaphore places = new Semaphore(CONNECTIONS_MAX);
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

  /// Answers one request. Throws [ControlException] of reason `REFUSED` never: a refusal is an
  /// [Answer.Failed].
  @FunctionalInterface
  interface Command {
    Answer run(JsonNode request, Lines progress) throws InterruptedException;
  }

  /// Where a command sends its progress; never throws: a client that went away is nobody's error.
  @FunctionalInterface
  interface Lines {
    void progress(String stage, long bytes);
  }

  /// The last line of an answer.
  sealed interface Answer {
    record Done(JsonNode value) implements Answer {}

    record Failed(String reason, String message, String hint) implements Answer {}
  }

  private ControlSocket(
      Path path, ServerSocketChannel server, Map<String, Command> commands, Duration patience)
      throws IOException {
    this.path = path;
    this.fileKey = fileKey(path);
    this.server = server;
    this.commands = Map.copyOf(commands);
    this.patience = patience;
  }

  /// Listens before it returns. The file of a dead process is replaced, a live one is left alone
  /// and refused with [ControlException.Reason#IN_USE].
  static ControlSocket open(Path path, Map<String, Command> commands) {
    return open(path, commands, PATIENCE);
  }

  static ControlSocket open(Path path, Map<String, Command> commands, Duration patience) {
    if (!fits(path)) {
      throw new ControlException(
          ControlException.Reason.UNUSABLE,
          "the control socket's path is longer than %d bytes: %s\nhint: set control.socket to a"
                  .formatted(PATH_MAX, path)
              + " shorter one");
    }
    try {
      makeFolder(path);
      removeStale(path);
      ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        server.bind(UnixDomainSocketAddress.of(path), CONNECTIONS_MAX);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
        ControlSocket socket = new ControlSocket(path, server, commands, patience);
        Thread.ofVirtual().name("control").start(socket::accept);
        return socket;
      } catch (IOException | RuntimeException e) {
        server.close();
        throw e;
      }
    } catch (BindException e) {
      throw new ControlException(
          ControlException.Reason.IN_USE, "the control socket %s is taken".formatted(path), e);
    } catch (IOException e) {
      throw new ControlException(
          ControlException.Reason.UNUSABLE,
          "the control socket %s cannot be opened: %s\nhint: set control.socket to a path this user"
                  .formatted(path, Reasons.of(e))
              + " may create, such as $XDG_RUNTIME_DIR/lifeboat.sock",
          e);
    }
  }

  /// Whether the kernel has room for the path.
  static boolean fits(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8).length <= PATH_MAX;
  }

  private static void makeFolder(Path path) throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    if (folder == null || Files.isDirectory(folder)) {
      return;
    }
    Files.createDirectories(folder);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-x---"));
  }

  private static void removeStale(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!isSocket(path)) {
      throw new ControlException(
          ControlException.Reason.UNUSABLE,
          "%s is in the way: it is not a socket\nhint: move it, or set control.socket"
              .formatted(path));
    }
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.connect(UnixDomainSocketAddress.of(path));
    } catch (ConnectException e) {
      // Nobody listens: its process died without cleaning up.
      Files.delete(path);
      return;
    }
    throw new ControlException(
        ControlException.Reason.IN_USE,
        "another agent answers on %s\nhint: stop it first, or give this one another control.socket"
            .formatted(path));
  }

  private static boolean isSocket(Path path) throws IOException {
    int mode = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    return (mode & 0170000) == 0140000;
  }

  private static Object fileKey(Path path) throws IOException {
    return Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS);
  }

  private void accept() {
    while (server.isOpen()) {
      try {
        SocketChannel client = server.accept();
        boolean placed = places.tryAcquire();
        open.add(client);
        Thread.ofVirtual().name("control-client").start(() -> serve(client, placed));
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        logger.log(
            System.Logger.Level.WARNING,
            "event=control_accept_failed error=" + LogLines.quoted(Reasons.of(e)));
        pause();
      }
    }
  }

  /// Out of file descriptors, accept fails at once and for ever: not in a busy loop.
  private static void pause() {
    try {
      Thread.sleep(Duration.ofMillis(100));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve(SocketChannel channel, boolean placed) {
    try (ControlLine line = new ControlLine(channel, REQUEST_BYTES_MAX, patience)) {
      line.write(json(placed ? answer(line) : tooMany()));
    } catch (IOException e) {
      logger.log(
          System.Logger.Level.DEBUG,
          "event=control_client_gone error=" + LogLines.quoted(Reasons.of(e)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(channel);
      if (placed) {
        places.release();
      }
    }
  }

  private static Answer tooMany() {
    return new Answer.Failed(
        "busy",
        "more than %d control connections are open".formatted(CONNECTIONS_MAX),
        "try again in a moment");
  }

  private Answer answer(ControlLine line) throws IOException, InterruptedException {
    JsonNode request;
    try {
      request = line.read().orElseThrow(() -> new ClosedChannelException());
    } catch (java.net.ProtocolException e) {
      return bad("not a request: " + Reasons.of(e));
    }
    String name = request.path("command").asString("");
    Command command = commands.get(name);
    if (command == null) {
      return bad(
          name.isEmpty() ? "the request names no command" : "unknown command '%s'".formatted(name));
    }
    try {
      return command.run(request, (stage, bytes) -> progress(line, stage, bytes));
    } catch (RuntimeException e) {
      logger.log(System.Logger.Level.ERROR, "event=control_command_failed command=" + name, e);
      return new Answer.Failed("internal", "the agent hit a bug; see its log", "");
    }
  }

  private static Answer bad(String message) {
    return new Answer.Failed("bad_request", message, "");
  }

  private static void progress(ControlLine line, String stage, long bytes) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.putObject("progress").put("stage", stage).put("bytes", bytes);
    try {
      line.write(object);
    } catch (IOException e) {
      logger.log(System.Logger.Level.DEBUG, "event=control_client_gone");
    }
  }

  private static JsonNode json(Answer answer) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    switch (answer) {
      case Answer.Done(JsonNode value) -> object.set("done", value);
      case Answer.Failed(String reason, String message, String hint) ->
          object
              .putObject("failed")
              .put("reason", reason)
              .put("message", message)
              .put("hint", hint);
    }
    return object;
  }

  /// A reload's own answer is on its way while the reload closes this socket.
  private void awaitAnswers() {
    long deadline = System.nanoTime() + LAST_WORDS.toNanos();
    try {
      while (!open.isEmpty() && System.nanoTime() < deadline) {
        Thread.sleep(Duration.ofMillis(5));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    try {
      // The file first: a client that comes now finds no socket rather than a dead one. But only
      // our own file: another process may have replaced it.
      if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && fileKey(path).equals(fileKey)) {
        Files.delete(path);
      }
      server.close();
      awaitAnswers();
      for (SocketChannel client : open) {
        client.close();
      }
    } catch (IOException e) {
      logger.log(
          System.Logger.Level.WARNING,
          "event=control_close_failed error=" + LogLines.quoted(Reasons.of(e)));
    }
  }
}
