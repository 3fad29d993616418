package dev.lifeboat.machine;

import dev.lifeboat.machine.Machine.Ran;
import dev.lifeboat.machine.MachineException.Reason;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A program and its arguments.
record Command(List<String> words) {
  private static final int BRIEF_MAX = 100;
  // What a shell answers for a program that it cannot run, or does not find.
  private static final int NOT_RUNNABLE = 126;
  private static final int NOT_FOUND = 127;

  Command {
    words = List.copyOf(words);
    if (words.isEmpty() || words.getFirst().isEmpty()) {
      throw new IllegalArgumentException("a command without a program");
    }
    if (words.stream().anyMatch(word -> word.indexOf('\0') >= 0)) {
      throw new IllegalArgumentException("no argument can hold a NUL");
    }
  }

  /// The line by which a POSIX shell runs exactly this: between single quotes nothing means
  /// anything.
  String line() {
    return words.stream().map(Command::quoted).collect(Collectors.joining(" "));
  }

  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }

  /// For a message: one line, not all of it.
  String brief() {
    String line = String.join(" ", words).replaceAll("\\p{Cntrl}+", " ").strip();
    return line.length() > BRIEF_MAX ? line.substring(0, BRIEF_MAX) + "…" : line;
  }

  /// What it answered; [MachineException] if that was a shell's word that there is no program. So
  /// nobody takes a missing program for its "no".
  Ran judged(Ran ran, String machine) {
    if (ran.exit() == NOT_RUNNABLE || ran.exit() == NOT_FOUND) {
      throw unusable(machine, firstLine(ran.err()), null);
    }
    return ran;
  }

  MachineException unusable(String machine, String why, @Nullable Throwable cause) {
    return new MachineException(
        Reason.UNUSABLE,
        "cannot run '%s' on %s: %s\nhint: is %s installed there, and allowed to this user?"
            .formatted(brief(), machine, why, words.getFirst()),
        cause);
  }

  MachineException late(String machine, Duration bound) {
    return new MachineException(
        Reason.TIMEOUT,
        "'%s' on %s did not end within %d s and was given up\nhint: look there at what it waits for"
            .formatted(brief(), machine, bound.toSeconds()));
  }

  MachineException tooMuch(String machine) {
    return new MachineException(
        Reason.UNUSABLE,
        "'%s' on %s printed more than %d MiB and was given up"
            .formatted(brief(), machine, Output.OUT_MAX >> 20));
  }

  /// Of what a program said, the line that tells most.
  static String firstLine(String err) {
    return err.lines().filter(line -> !line.isBlank()).findFirst().orElse("no word").strip();
  }
}
