package dev.lifeboat.machine;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/// The machine of a node: this one, or one reached by SSH. Several threads may use it at once.
public interface Machine extends AutoCloseable {
  /// Runs a program to its end, which is when it has ended and its output too; a child that keeps
  /// the output open and is silent is not waited for. How it ended is answered, good or not.
  ///
  /// [MachineException] when it cannot be run at all, does not end, or prints more than 16 MiB.
  ///
  /// @param command the program, found by `PATH`, and its arguments
  /// @param input what it reads, up to its end
  /// @param bound after which it is given up: it and its children are killed on this machine; on
  ///   another one its input and output are closed, and it may go on there
  Ran run(List<String> command, byte[] input, Duration bound) throws InterruptedException;

  /// Such as `this machine` or `root@10.0.0.2:22`.
  String words();

  /// Nothing is waited for.
  @Override
  void close();

  /// How a program ended, and what it said.
  ///
  /// @param exit its code; 128 and the number of the signal if one killed it
  /// @param out all of it
  /// @param err the first 64 KiB of it
  @SuppressWarnings("ArrayRecordComponent") // Nobody compares two of these.
  record Ran(int exit, byte[] out, String err) {
    public boolean good() {
      return exit == 0;
    }

    /// What it said, without white space at its ends.
    public String text() {
      return new String(out, StandardCharsets.UTF_8).strip();
    }

    /// This, or [MachineException] unless it ended well.
    ///
    /// @param doing such as `cannot stop openbao on this machine`
    public Ran require(String doing) {
      if (!good()) {
        throw new MachineException(
            MachineException.Reason.FAILED,
            "%s: it ended with code %d: %s".formatted(doing, exit, Command.firstLine(err)));
      }
      return this;
    }
  }
}
