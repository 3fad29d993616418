package dev.lifeboat.cli;

import dev.lifeboat.config.DidYouMean;
import dev.lifeboat.daemon.LogLines;
import dev.lifeboat.daemon.Signals.Signal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/// From arguments to exit code, without ending the process.
public final class Launch {
  private Launch() {}

  public static Exit run(String[] args, Surroundings surroundings) {
    // Until a configuration says otherwise: a command's errors are its own output.
    LogLines.install(LogLines.Threshold.ERROR, surroundings.environment(), surroundings.err());
    var interrupted = new AtomicBoolean();
    Thread command = Thread.currentThread();
    Runnable stop =
        () -> {
          interrupted.set(true);
          command.interrupt();
        };
    surroundings.signals().on(Signal.INT, stop);
    surroundings.signals().on(Signal.TERM, stop);
    try {
      Exit exit = parseAndRun(args, surroundings);
      return interrupted.get() ? Exit.INTERRUPTED : exit;
    } catch (InterruptedException e) {
      return interrupted(surroundings);
    } catch (RuntimeException | Error e) {
      Failure failure = Failure.of(e);
      if (interrupted.get() && failure.exit() != Exit.INTERRUPTED) {
        return interrupted(surroundings);
      }
      failure.print(surroundings.err());
      return failure.exit();
    } finally {
      surroundings.out().flush();
      surroundings.err().flush();
    }
  }

  private static Exit interrupted(Surroundings surroundings) {
    Failure.sentence(Exit.INTERRUPTED, "interrupted").print(surroundings.err());
    return Exit.INTERRUPTED;
  }

  private static Exit parseAndRun(String[] args, Surroundings surroundings)
      throws InterruptedException {
    CommandLine line = commandLine();
    ParseResult parsed;
    try {
      parsed = line.parseArgs(args);
    } catch (ParameterException e) {
      return usage(e, surroundings);
    }
    while (parsed.hasSubcommand() && !parsed.isUsageHelpRequested()) {
      parsed = parsed.subcommand();
    }
    CommandLine asked = parsed.commandSpec().commandLine();
    if (parsed.isUsageHelpRequested()) {
      asked.usage(surroundings.out());
      return Exit.OK;
    }
    if (parsed.isVersionHelpRequested()) {
      surroundings.out().println(Version.line());
      return Exit.OK;
    }
    if (parsed.commandSpec().userObject() instanceof Verb verb) {
      return verb.run(surroundings);
    }
    asked.usage(surroundings.err());
    return Exit.USAGE;
  }

  private static Exit usage(ParameterException e, Surroundings surroundings) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    String message = Objects.requireNonNullElse(e.getMessage(), "wrong arguments");
    message = message.replaceFirst("^Error: ", "");
    String hint = "%s --help lists what it takes".formatted(command);
    if (e instanceof UnmatchedArgumentException unmatched) {
      message = "unknown argument: " + String.join(" ", unmatched.getUnmatched());
      hint = unmatched(unmatched).orElse(hint);
    }
    String sentence = message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
    Failure.sentence(Exit.USAGE, sentence + "\nhint: " + hint).print(surroundings.err());
    return Exit.USAGE;
  }

  /// What was meant, when that is near; else which commands there are, when none was found.
  private static Optional<String> unmatched(UnmatchedArgumentException e) {
    CommandSpec spec = e.getCommandLine().getCommandSpec();
    Set<String> commands = spec.subcommands().keySet();
    String found = e.getUnmatched().getFirst();
    List<String> known = new ArrayList<>(commands);
    known.addAll(spec.optionsMap().keySet());
    String meant = DidYouMean.hint(found, known);
    if (!meant.isEmpty()) {
      return Optional.of(meant);
    }
    return commands.isEmpty() || found.startsWith("-")
        ? Optional.empty()
        : Optional.of(
            "the commands are %s%s"
                .formatted(
                    String.join(", ", commands),
                    spec.parent() == null
                        ? "; lifeboat check --live looks for what is wrong"
                        : ""));
  }

  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Root());
    finish(line);
    return line;
  }

  private static void finish(CommandLine line) {
    line.setUsageHelpWidth(100);
    Set<Exit> exits = EnumSet.allOf(Exit.class);
    if (line.getCommandSpec().userObject() instanceof Verb verb) {
      exits = EnumSet.of(Exit.OK, Exit.INTERNAL, Exit.USAGE, Exit.INTERRUPTED);
      exits.addAll(verb.exits());
    }
    line.getCommandSpec()
        .usageMessage()
        .footer(
            exits.stream()
                .map(exit -> "  %3d  %s".formatted(exit.code(), exit.meaning()))
                .toArray(String[]::new))
        .footerHeading("%nEXIT STATUS%n");
    line.getSubcommands().values().forEach(Launch::finish);
  }
}
