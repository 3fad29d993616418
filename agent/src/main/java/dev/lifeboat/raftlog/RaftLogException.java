package dev.lifeboat.raftlog;

/// A file is not what a server writes.
public final class RaftLogException extends RuntimeException {
  RaftLogException(String message) {
    super(message);
  }

  RaftLogException(String message, Throwable cause) {
    super(message, cause);
  }
}
