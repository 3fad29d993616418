package dev.lifeboat.cli;

import dev.lifeboat.journal.Entry;
import dev.lifeboat.journal.Entry.Event;
import dev.lifeboat.journal.Journal;
import dev.lifeboat.rekey.Confirmation;
import dev.lifeboat.rekey.Confirmation.Result;
import dev.lifeboat.rekey.Confirmation.Run;
import dev.lifeboat.rekey.Exchange;
import dev.lifeboat.rekey.Proof;
import dev.lifeboat.rekey.Recognised;
import dev.lifeboat.rekey.RekeyException;
import dev.lifeboat.rekey.RekeyRuns;
import dev.lifeboat.rekey.Shape;
import dev.lifeboat.rekey.Target;
import dev.lifeboat.restore.Restarter;
import dev.lifeboat.status.Printable;
import dev.lifeboat.unseal.Leading;
import dev.lifeboat.unseal.Share;
import dev.lifeboat.vault.SealStatus;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// `lifeboat rekey --verify`, `--prove` and `--abandon`: what is done with shares that were made.
record NewSharesGiven(RekeyParts parts) {
  private static final Duration BACK = Duration.ofSeconds(60);

  /// One custodian after the other, or all at once.
  Exit verify() throws InterruptedException {
    return verify(unfinished());
  }

  private Optional<Path> unfinished() {
    return Journal.unfinished(parts.config().rekey().folder(), RekeyRuns::isRekey);
  }

  /// @param file of the run whose new shares they should be, if there is one
  private Exit verify(Optional<Path> file) throws InterruptedException {
    SealStatus status = parts.client().active().sealStatus();
    Target target = Target.of(status);
    List<Share> shares = parts.read(1, true);
    Result result =
        confirmation(target)
            .give(
                shares,
                status.threshold(),
                file.map(this::run)
                    .orElseGet(() -> Run.none(new Shape(status.shares(), status.threshold()))));
    Optional<Recognised.State> known =
        file.flatMap(path -> known(path, result, shares, status.threshold()));
    file.ifPresent(path -> note(path, result, known));
    String about = known.flatMap(state -> file.map(path -> about(state, path))).orElse("");
    parts.print(
        words(result, target) + about + "\n",
        () ->
            JsonNodeFactory.instance
                .objectNode()
                .put("result", result.state().label())
                .put("given", result.given())
                .put("threshold", result.threshold())
                .put("new", known.map(NewSharesGiven::sure).orElse(null)));
    boolean other = known.filter(Recognised.State.OTHERS::equals).isPresent();
    return switch (result.state()) {
      case IN_FORCE, COUNTED, FIT -> other ? Exit.REKEY_FAILED : Exit.OK;
      case NOT_IN_FORCE, NOTHING_WAITS -> Exit.REKEY_FAILED;
    };
  }

  private Confirmation confirmation(Target target) {
    return new Confirmation(parts.client(), parts.keeper()::token, target);
  }

  private Run run(Path file) {
    List<Entry> entries = Journal.read(file);
    return new Run(
        Journal.noted(entries, Exchange.NAME),
        RekeyRuns.shape(entries.getFirst()),
        facts -> {
          if (!Journal.over(entries)) {
            write(file, facts);
          }
        });
  }

  private void write(Path file, Map<String, String> facts) {
    try (Journal journal =
        Journal.resume(
            file, parts.surroundings().clock(), parts.surroundings().milestones()::journalled)) {
      journal.note(Exchange.NAME, facts);
    }
  }

  /// Whether shares that are in force are the new ones of a run. Empty when nothing can be said:
  /// they are not in force, or the run has none.
  private static Optional<Recognised.State> known(
      Path file, Result result, List<Share> shares, int threshold) {
    Map<String, String> noted = Journal.noted(Journal.read(file), Exchange.NAME);
    if (Exchange.place(noted).isEmpty()) {
      return Optional.empty();
    }
    return switch (result.state()) {
      case IN_FORCE -> {
        boolean own = !Exchange.verification(noted, result.nonce()).isEmpty();
        Recognised.State otherwise =
            result.nonce().isEmpty() ? Recognised.State.UNKNOWN : Recognised.State.OTHERS;
        yield Optional.of(own ? Recognised.State.NEW : otherwise);
      }
      case FIT -> {
        Recognised.State state = Recognised.of(noted, shares, threshold).state();
        // Of a run that knows that its new ones are in force, what fits is new.
        boolean certain = state == Recognised.State.UNKNOWN && Exchange.verified(noted);
        yield Optional.of(certain ? Recognised.State.NEW : state);
      }
      case COUNTED, NOT_IN_FORCE, NOTHING_WAITS -> Optional.empty();
    };
  }

  /// For the run on this machine that waits for it. A trial that succeeds is no verification: it
  /// does so with the old shares as well, when a change of leader has dropped the new ones.
  private void note(Path file, Result result, Optional<Recognised.State> known) {
    Map<String, String> noted = Journal.noted(Journal.read(file), Exchange.NAME);
    if (known.isEmpty() || known.get() == Recognised.State.OTHERS || !Exchange.waits(noted)) {
      return;
    }
    Map<String, String> facts =
        result.state() == Confirmation.State.IN_FORCE
            ? Exchange.verification(noted, result.nonce())
            : Exchange.trial(noted);
    if (!facts.isEmpty()) {
      write(file, facts);
    }
  }

  private static String words(Result result, Target target) {
    return switch (result.state()) {
      case IN_FORCE, FIT ->
          "verify  ok  these are the shares of the %s now".formatted(target.words());
      case COUNTED ->
          "verify  ok  %d of %d new shares; the next custodian runs the same"
              .formatted(result.given(), result.threshold());
      case NOT_IN_FORCE ->
          "verify  WRONG  these are neither the shares of the %s nor those that wait"
                  .formatted(target.words())
              + "\n  hint: nothing has changed; all shares given so far are forgotten";
      case NOTHING_WAITS ->
          "verify  NONE  no new shares wait, and %d shares at once are needed to be tried"
                  .formatted(result.threshold())
              + "\n  hint: a change of leader has dropped them? lifeboat rekey begins again";
    };
  }

  private static String about(Recognised.State state, Path file) {
    String run = Journal.run(file);
    List<Entry> entries = Journal.read(file);
    boolean waits = !Journal.over(entries) && Exchange.waits(Journal.noted(entries, Exchange.NAME));
    return switch (state) {
      case NEW ->
          "\n  they are the new ones of %s".formatted(run)
              + (waits ? "\n  hint: lifeboat rekey, with the old ones as at first, goes on" : "");
      case OTHERS ->
          "\n  they are NOT the new ones of %s: those are not in force".formatted(run)
              + "\n  hint: keep these; a run that is unfinished begins again: lifeboat rekey";
      case UNKNOWN ->
          "\n  whether they are the new ones of %s is not known here".formatted(run)
              + "\n  hint: keep the old ones; lifeboat rekey, with the old ones as at first, finds"
              + " out";
    };
  }

  private static @Nullable Boolean sure(Recognised.State state) {
    return switch (state) {
      case NEW -> true;
      case OTHERS -> false;
      case UNKNOWN -> null;
    };
  }

  /// Node by node, as they are restarted.
  ///
  /// @param restart whether we restart them, standbys first, as long as each comes back
  Exit prove(boolean restart) throws InterruptedException {
    SealStatus status = anyStatus();
    Path folder = parts.config().rekey().folder();
    if (Target.of(status) == Target.RECOVERY_KEY) {
      // They open no node: what there is to prove is that the server knows them.
      return verify(unfinished().or(() -> RekeyRuns.lastEnded(folder)));
    }
    Path ended =
        RekeyRuns.lastEnded(folder)
            .orElseThrow(
                () ->
                    new CommandException(
                        Exit.NOT_FOUND,
                        "%s has no record of a rekey\nhint: on the machine where it was run"
                            .formatted(folder)));
    List<VaultNode> nodes = parts.client().nodes();
    List<Share> shares = List.of();
    boolean sure = true;
    if (restart || anySealed(nodes)) {
      Recognised given = newOnes(ended, parts.read(status.threshold(), false));
      shares = given.shares();
      sure = given.state() == Recognised.State.NEW || inForce(ended, shares, restart);
    }
    List<Proof.Line> lines = new ArrayList<>();
    try (Proof proof =
        Proof.of(
            folder,
            Journal.run(ended),
            parts.surroundings().clock(),
            parts.surroundings().milestones()::journalled)) {
      if (restart) {
        restart(proof, nodes, shares);
      }
      for (VaultNode node : nodes) {
        lines.add(proof.node(node, shares, sure));
      }
      if (lines.stream().anyMatch(line -> line.state() == Proof.State.UNSURE)
          && new Leading(parts.config().vault()).await(nodes, BACK).isPresent()
          && inForce(ended, shares, false)) {
        lines.replaceAll(line -> line.state() == Proof.State.UNSURE ? proof.proven(line) : line);
      }
      if (lines.stream().allMatch(line -> line.state() == Proof.State.PROVEN)) {
        proof.complete();
      }
    }
    parts.print(proven(lines), () -> json(lines));
    return lines.stream().anyMatch(line -> line.state() == Proof.State.NOT_OPEN)
        ? Exit.UNSEAL_FAILED
        : Exit.OK;
  }

  /// Old shares open a node that was left behind as well. Counted for the new ones, that would let
  /// somebody destroy the only shares that open it.
  private static Recognised newOnes(Path ended, List<Share> given) {
    List<Entry> entries = Journal.read(ended);
    Map<String, String> noted = Journal.noted(entries, Exchange.NAME);
    Recognised known = Recognised.of(noted, given, RekeyRuns.shape(entries.getFirst()).threshold());
    if (known.state() == Recognised.State.OTHERS) {
      throw othersThan(ended, noted);
    }
    return known;
  }

  private static CommandException othersThan(Path ended, Map<String, String> noted) {
    return new CommandException(
        Exit.UNSEAL_FAILED,
        "the shares that were given are not the new ones of %s, or too few of them are; keep the"
                .formatted(Journal.run(ended))
            + " old shares\nhint: the new ones: %s; see what unseal.share-files and share-secrets"
                .formatted(Exchange.place(noted))
            + " name");
  }

  /// Of shares that the run has not seen: the run knows that its new ones came into force, so they
  /// are those when they are the shares of now.
  ///
  /// @param needed whether that has to be known, before anything is restarted
  private boolean inForce(Path ended, List<Share> shares, boolean needed)
      throws InterruptedException {
    Run run = run(ended);
    try {
      Result result = confirmation(Target.UNSEAL_KEY).tried(shares, run.shape().threshold(), run);
      if (result.state() == Confirmation.State.NOT_IN_FORCE) {
        throw othersThan(ended, run.notes());
      }
      if (result.state() == Confirmation.State.FIT) {
        return true;
      }
    } catch (VaultException | RekeyException e) {
      // Nobody leads, or somebody else's rekey is in the way.
      System.getLogger(NewSharesGiven.class.getName())
          .log(System.Logger.Level.DEBUG, "event=rekey_trial", e);
    }
    if (needed) {
      throw new CommandException(
          Exit.REKEY_FAILED,
          "nobody can say whether these are the new shares of %s: nothing was restarted\nhint: it"
                  .formatted(Journal.run(ended))
              + " takes a leader, and that no other rekey is going on");
    }
    return false;
  }

  /// Ends with the first that does not come back: the others are needed.
  private void restart(Proof proof, List<VaultNode> nodes, List<Share> shares)
      throws InterruptedException {
    List<VaultNode> standbysFirst =
        nodes.stream().sorted(Comparator.comparing(NewSharesGiven::leads)).toList();
    Leading leading = new Leading(parts.config().vault());
    try (Restarter restarter = Restarter.open(parts.config().restore(), parts.config().vault())) {
      for (VaultNode node : standbysFirst) {
        if (proof.node(node, shares, true).state() == Proof.State.PROVEN) {
          continue;
        }
        restarter.restart(node.address());
        boolean back =
            proof.node(node, shares, true).state() == Proof.State.PROVEN
                && leading.await(nodes, BACK).isPresent();
        if (!back) {
          return;
        }
      }
    }
  }

  private static boolean leads(VaultNode node) {
    try {
      return node.leader().self();
    } catch (VaultException e) {
      return false;
    }
  }

  private SealStatus anyStatus() {
    VaultException last = null;
    for (VaultNode node : parts.client().nodes()) {
      try {
        return node.sealStatus();
      } catch (VaultException e) {
        last = e;
      }
    }
    throw last == null ? new IllegalStateException("there is always a node") : last;
  }

  private static boolean anySealed(List<VaultNode> nodes) {
    return nodes.stream()
        .anyMatch(
            node -> {
              try {
                return node.sealStatus().sealed();
              } catch (VaultException e) {
                return false;
              }
            });
  }

  private static String proven(List<Proof.Line> lines) {
    StringBuilder text = new StringBuilder();
    for (Proof.Line line : lines) {
      String word =
          switch (line.state()) {
            case PROVEN -> "ok";
            case OPEN, UNSURE -> "NOT YET";
            case NOT_OPEN -> "NOT OPEN";
          };
      text.append("%s  %s  %s\n".formatted(line.node().address(), word, Printable.of(line.text())));
      if (!line.hint().isEmpty()) {
        text.append("  hint: ").append(Printable.of(line.hint())).append('\n');
      }
    }
    long count = lines.stream().filter(line -> line.state() == Proof.State.PROVEN).count();
    return text.append(
            count == lines.size()
                ? "all  ok  no node needs the old shares; backups of older key epochs do\n"
                : "all  NOT YET  %d of %d nodes; keep the old shares\n"
                    .formatted(count, lines.size()))
        .toString();
  }

  private static ObjectNode json(List<Proof.Line> lines) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    ArrayNode nodes = object.putArray("nodes");
    for (Proof.Line line : lines) {
      nodes
          .addObject()
          .put("address", line.node().address().toString())
          .put("state", line.state().name().toLowerCase(Locale.ROOT).replace('_', '-'))
          .put("text", line.text())
          .put("hint", line.hint().isEmpty() ? null : line.hint());
    }
    return object.put(
        "proven", lines.stream().allMatch(line -> line.state() == Proof.State.PROVEN));
  }

  /// What waits on the server is cancelled, when it is ours.
  Exit abandon(Optional<Path> unfinished) {
    if (unfinished.isEmpty()) {
      throw new CommandException(
          Exit.NOT_FOUND,
          "no run is unfinished in %s\nhint: nothing to give up"
              .formatted(parts.config().rekey().folder()));
    }
    try (Journal journal =
        Journal.resume(
            unfinished.get(),
            parts.surroundings().clock(),
            parts.surroundings().milestones()::journalled)) {
      Map<String, String> noted = journal.noted(Exchange.NAME);
      if (journal.done(Exchange.NAME) || Exchange.verified(noted)) {
        throw new CommandException(
            Exit.REKEY_FAILED,
            "the new shares are in force already: nothing can be given up\nhint: the same command"
                + " as before does the rest");
      }
      Target target = Target.valueOf(journal.head().fact("target").orElse(""));
      boolean certain =
          Exchange.withdraw(
              parts.client(),
              parts.keeper()::token,
              target,
              RekeyRuns.shape(journal.head()),
              noted);
      if (!certain) {
        throw new CommandException(
            Exit.REKEY_FAILED,
            "the new shares in %s may be in force: it is not known how their verification ended"
                    .formatted(noted.getOrDefault("kept", ""))
                + "\nhint: the same command as before finds out; or lifeboat rekey --verify with"
                + " them");
      }
      journal.write(Event.ABANDONED, "", Map.of());
      String left = noted.getOrDefault("keeping", "");
      parts.print(
          "abandon  ok  the old shares are in force%s\n"
              .formatted(left.isEmpty() ? "" : "; worthless: " + Printable.of(left)),
          () -> RekeyText.json("abandoned", journal));
      return Exit.OK;
    }
  }
}
