package dev.lifeboat.cli;

import java.util.Set;

/// One command of the command line.
interface Verb {
  Exit run(Surroundings surroundings) throws InterruptedException;

  /// The exit codes, besides those every command has, that its help explains.
  Set<Exit> exits();
}
