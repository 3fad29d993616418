package dev.lifeboat.machine;

import dev.lifeboat.machine.Machine.Ran;
import dev.lifeboat.machine.MachineException.Reason;
import dev.lifeboat.ssh.SshConnection;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.sshd.client.channel.ChannelExec;
import org.apache.sshd.core.CoreModuleProperties;

/// One run of a command on a connection.
final class RemoteRun {
  /*
   * A command has ended when its channel is closed: the server does that when the command is dead
   * and nobody holds its output open any more. It tells the code as soon as the command is dead.
   * Once it is told and nothing more comes, the server is asked something: messages stay in order,
   * so when the answer comes and still no output, there is none on its way, and whoever keeps the
   * channel open is a child that is silent.
   *
   * Ours is a wait that can be interrupted; that of the library cannot.
   */
  private static final long POLL_MS = 100;
  private static final long LAST_WORDS_MS = 1000;
  private static final int SIGNALLED = 128;
  private static final int UNKNOWN_SIGNAL = 255;
  private static final Map<String, Integer> SIGNALS =
      Map.of(
          "HUP", 1, "INT", 2, "QUIT", 3, "ABRT", 6, "FPE", 8, "KILL", 9, "SEGV", 11, "PIPE", 13,
          "ALRM", 14, "TERM", 15);

  private final Command command;
  private final String machine;
  private final SshConnection connection;
  private final Duration stall;
  private final Output out = new Output(Output.OUT_MAX);
  private final Output err = new Output(Output.ERR_MAX);
  private final CountDownLatch closed = new CountDownLatch(1);

  /// @param machine for messages
  /// @param stall how long the server may leave a question without an answer
  RemoteRun(Command command, String machine, SshConnection connection, Duration stall) {
    this.command = command;
    this.machine = machine;
    this.connection = connection;
    this.stall = stall;
  }

  /// [IOException] when the connection broke.
  Ran toEnd(byte[] input, Duration bound) throws IOException, InterruptedException {
    ChannelExec channel = connection.session().createExecChannel(command.line());
    try {
      CoreModuleProperties.REQUEST_EXEC_REPLY.set(channel, true);
      channel.setIn(new ByteArrayInputStream(input));
      channel.setOut(out);
      channel.setErr(err);
      channel.addCloseFutureListener(_ -> closed.countDown());
      channel.open().verify(stall);
      await(channel, bound);
    } finally {
      // Not at once: the server is told, or it would go on sending.
      var ignored = channel.close(false);
    }
    OptionalInt code = code(channel);
    if (code.isEmpty()) {
      throw noCode();
    }
    return new Ran(code.getAsInt(), out.bytes(), new String(err.bytes(), StandardCharsets.UTF_8));
  }

  private void await(ChannelExec channel, Duration bound) throws IOException, InterruptedException {
    long began = System.nanoTime();
    boolean ended = false;
    while (!ended) {
      ended =
          closed.await(POLL_MS, TimeUnit.MILLISECONDS) || (code(channel).isPresent() && isSilent());
      if (out.isTooMuch()) {
        throw command.tooMuch(machine);
      }
      if (!ended && System.nanoTime() - began > bound.toNanos()) {
        throw command.late(machine, bound);
      }
    }
  }

  private boolean isSilent() throws IOException, InterruptedException {
    long heard = out.total() + err.total();
    if (closed.await(LAST_WORDS_MS, TimeUnit.MILLISECONDS)) {
      return true;
    }
    connection.ask(stall);
    return out.total() + err.total() == heard;
  }

  private static OptionalInt code(ChannelExec channel) {
    String signal = channel.getExitSignal();
    if (signal != null) {
      return OptionalInt.of(
          Optional.ofNullable(SIGNALS.get(signal))
              .map(number -> SIGNALLED + number)
              .orElse(UNKNOWN_SIGNAL));
    }
    Integer status = channel.getExitStatus();
    return status == null ? OptionalInt.empty() : OptionalInt.of(status);
  }

  private MachineException noCode() throws IOException {
    if (!connection.isOpen()) {
      throw new IOException("closed by the server");
    }
    return new MachineException(
        Reason.UNUSABLE,
        "%s ended '%s' without a code\nhint: %s"
            .formatted(
                machine,
                command.brief(),
                "its server may allow this user no commands; see its log"));
  }
}
