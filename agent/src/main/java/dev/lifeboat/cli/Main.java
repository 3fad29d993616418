package dev.lifeboat.cli;

import dev.lifeboat.backup.Milestones;

/// The program `lifeboat`.
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    Exit exit = Launch.run(args, Surroundings.ofProcess(Milestones.NONE));
    // Not a plain return: a thread that outlives its purpose must not keep the process alive.
    System.exit(exit.code());
  }
}
