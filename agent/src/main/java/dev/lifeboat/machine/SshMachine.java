package dev.lifeboat.machine;

import dev.lifeboat.machine.MachineException.Reason;
import dev.lifeboat.ssh.RefusedException;
import dev.lifeboat.ssh.SshConnection;
import dev.lifeboat.ssh.SshLogin;
import dev.lifeboat.ssh.SshTrouble;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.apache.sshd.common.RuntimeSshException;
import org.jspecify.annotations.Nullable;

/// A machine reached by SSH, whose user has a POSIX shell. Keeps one connection, and makes another
/// when it broke; a command that was begun is never repeated.
final class SshMachine implements Machine {
  private final SshLogin login;
  private @Nullable SshConnection kept;
  private boolean closed;

  SshMachine(SshLogin login) {
    this.login = login;
  }

  @Override
  public Ran run(List<String> words, byte[] input, Duration bound) throws InterruptedException {
    Command command = new Command(words);
    SshConnection connection = connected(command);
    try {
      RemoteRun run = new RemoteRun(command, words(), connection, login.stallTimeout());
      return command.judged(run.toEnd(input, bound), words());
    } catch (IOException | RuntimeSshException | IllegalStateException e) {
      drop(connection);
      stopWhenTold(e);
      throw new MachineException(
          Reason.UNREACHABLE,
          "the connection to %s broke (%s) while it ran '%s': %s\nhint: look there before you go on"
              .formatted(
                  words(),
                  SshTrouble.words(e),
                  command.brief(),
                  "it is not known whether that was carried out"),
          e);
    }
  }

  private static void stopWhenTold(Exception e) throws InterruptedException {
    if (SshTrouble.interrupted(e)) {
      var told = new InterruptedException("told to stop");
      told.initCause(e);
      throw told;
    }
  }

  private synchronized void drop(SshConnection connection) {
    connection.close();
    if (kept == connection) {
      kept = null;
    }
  }

  /// One that has just answered, so that one which broke since it was last used costs a new one and
  /// not a command.
  private synchronized SshConnection connected(Command command) throws InterruptedException {
    if (closed) {
      throw new IllegalStateException("the connection to " + words() + " is closed");
    }
    SshConnection connection = kept;
    if (connection != null && answers(connection)) {
      return connection;
    }
    SshConnection made = connect(command);
    kept = made;
    return made;
  }

  private boolean answers(SshConnection connection) throws InterruptedException {
    if (connection.isOpen()) {
      try {
        connection.ask(login.connectTimeout());
        return true;
      } catch (IOException | RuntimeSshException | IllegalStateException e) {
        drop(connection);
        stopWhenTold(e);
        return false;
      }
    }
    drop(connection);
    return false;
  }

  private SshConnection connect(Command command) throws InterruptedException {
    try {
      return SshConnection.openAsking(login);
    } catch (RefusedException e) {
      throw new MachineException(
          Reason.DENIED, "cannot log in at %s: %s".formatted(words(), e.getMessage()), e);
    } catch (IOException e) {
      stopWhenTold(e);
      throw new MachineException(
          Reason.UNREACHABLE,
          "cannot reach %s (%s), so '%s' was not run\nhint: does %s serve ssh on port %d?"
              .formatted(words(), SshTrouble.words(e), command.brief(), login.host(), login.port()),
          e);
    }
  }

  @Override
  public String words() {
    return login.address();
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (kept != null) {
      kept.close();
    }
  }
}
