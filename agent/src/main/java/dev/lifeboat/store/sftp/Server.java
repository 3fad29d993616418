package dev.lifeboat.store.sftp;

import dev.lifeboat.ssh.RefusedException;
import dev.lifeboat.store.SftpConfig;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.StoreException.Reason;
import java.io.IOException;
import org.apache.sshd.common.RuntimeSshException;
import org.apache.sshd.sftp.common.SftpException;
import org.jspecify.annotations.Nullable;

/// The server of one store: keeps one connection, makes another when it broke, and turns every
/// failure into a [StoreException].
final class Server implements AutoCloseable {
  private final SftpConfig config;
  private final Failures failures;
  private @Nullable Connection kept;
  private boolean closed;

  Server(String store, SftpConfig config) {
    this.config = config;
    this.failures = new Failures(store, config);
  }

  Failures failures() {
    return failures;
  }

  /// Something asked of the server.
  @FunctionalInterface
  interface Request<T extends @Nullable Object> {
    T on(Connection connection) throws IOException;
  }

  /// @param doing such as `cannot store sftp://…`
  <T extends @Nullable Object> T ask(String doing, Request<T> request) {
    Connection connection = connected(doing);
    try {
      return request.on(connection);
    } catch (IOException e) {
      throw translated(doing, e, connection);
    }
  }

  /// @param connection one that broke is not used again
  StoreException translated(String doing, IOException e, Connection connection) {
    if (e instanceof SftpException answer && !Failures.isBroken(e)) {
      return failures.answered(doing, answer, connection);
    }
    drop(connection);
    return failures.broken(doing, e);
  }

  private synchronized void drop(Connection connection) {
    connection.close();
    if (kept == connection) {
      kept = null;
    }
  }

  /// One that has just answered. A kept connection proves itself first, so that one that broke
  /// since it was last used costs a new one and not a backup.
  private synchronized Connection connected(String doing) {
    if (closed) {
      throw new IllegalStateException("the store at " + config.place() + " is closed");
    }
    Connection connection = kept;
    if (connection != null && answers(doing, connection)) {
      return connection;
    }
    Connection made = connect(doing);
    kept = made;
    return made;
  }

  private boolean answers(String doing, Connection connection) {
    if (connection.isOpen()) {
      try {
        String ignored = connection.sftp().canonicalPath(".");
        return true;
      } catch (SftpException e) {
        return true; // It need not be allowed.
      } catch (IOException e) {
        if (Thread.currentThread().isInterrupted() || e instanceof java.io.InterruptedIOException) {
          drop(connection);
          throw failures.broken(doing, e);
        }
      }
    }
    drop(connection);
    return false;
  }

  private Connection connect(String doing) {
    try {
      return Connection.open(config.login());
    } catch (RefusedException e) {
      throw failures.said(Reason.DENIED, doing + ": " + e.getMessage(), e);
    } catch (IOException | RuntimeSshException | IllegalStateException e) {
      throw failures.broken(doing, e);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (kept != null) {
      kept.close();
    }
  }
}
