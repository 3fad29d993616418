package dev.lifeboat.daemon;

import dev.lifeboat.backup.Progress;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The other end of [ControlSocket]: asks a running agent.
public final class ControlClient {
  /// A status page of a large cluster, or a manifest with every mount of it.
  private static final int ANSWER_BYTES_MAX = 4 << 20;

  /// Progress comes every second while the agent works.
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private ControlClient() {}

  /// What the agent said at the end.
  public sealed interface Reply {
    record Done(JsonNode value) implements Reply {}

    /// @param reason a label, such as that of a [dev.lifeboat.backup.FailureReason]
    record Failed(String reason, String message, String hint) implements Reply {}
  }

  /// Asks and waits for the last word.
  ///
  /// @throws ControlException `NOT_RUNNING` when nobody listens on the socket
  public static Reply ask(Path socket, String command, Progress progress) {
    return ask(socket, JsonNodeFactory.instance.objectNode().put("command", command), progress);
  }

  /// The same of a command with more to say.
  static Reply ask(Path socket, ObjectNode request, Progress progress) {
    try (SocketChannel channel = connect(socket);
        ControlLine line = new ControlLine(channel, ANSWER_BYTES_MAX, PATIENCE)) {
      line.write(request);
      for (Optional<JsonNode> next = line.read(); next.isPresent(); next = line.read()) {
        JsonNode answer = next.get();
        if (answer.has("progress")) {
          JsonNode at = answer.get("progress");
          progress.at(at.path("stage").asString(""), at.path("bytes").asLong(0));
        } else if (answer.has("done")) {
          return new Reply.Done(answer.get("done"));
        } else {
          JsonNode failed = answer.path("failed");
          return new Reply.Failed(
              failed.path("reason").asString("internal"),
              failed.path("message").asString("the agent gave no reason"),
              failed.path("hint").asString(""));
        }
      }
      throw brokenOff(socket, "it ended");
    } catch (IOException e) {
      if (Thread.interrupted()) {
        throw new ControlException(
            ControlException.Reason.LEFT,
            "interrupted; the agent goes on with its " + request.path("command").asString(""),
            e);
      }
      throw brokenOff(socket, Reasons.of(e));
    }
  }

  private static ControlException brokenOff(Path socket, String why) {
    return new ControlException(
        ControlException.Reason.BROKEN_OFF,
        "the agent behind %s did not finish its answer: %s\nhint: see its log; a backup it began"
                .formatted(socket, why)
            + " may still be running");
  }

  private static SocketChannel connect(Path socket) throws IOException {
    if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
      throw notRunning(socket);
    }
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      return channel;
    } catch (ConnectException e) {
      channel.close();
      throw notRunning(socket);
    } catch (IOException e) {
      channel.close();
      throw new ControlException(
          Files.isWritable(socket)
              ? ControlException.Reason.UNUSABLE
              : ControlException.Reason.DENIED,
          "the control socket %s cannot be used: %s\nhint: run this as the agent's user or a member"
                  .formatted(socket, Reasons.of(e))
              + " of its group",
          e);
    }
  }

  private static ControlException notRunning(Path socket) {
    return new ControlException(
        ControlException.Reason.NOT_RUNNING, "no agent listens on " + socket);
  }
}
