package dev.lifeboat.raftlog;

/// A file that is read in parts, here or on another machine.
@FunctionalInterface
public interface Pages {
  /// Of 4096 bytes each, whatever the pages of the file are; shorter at its end.
  int BYTES = 4096;

  /// @param first from 0
  byte[] read(long first, int count) throws InterruptedException;
}
