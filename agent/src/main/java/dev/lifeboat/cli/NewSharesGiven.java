package dev.lifeboat.cli;

import dev.lifeboat.journal.Entry.Event;
import dev.lifeboat.journal.Journal;
import dev.lifeboat.rekey.Confirmation;
import dev.lifeboat.rekey.Confirmation.Result;
import dev.lifeboat.rekey.Exchange;
import dev.lifeboat.rekey.Proof;
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
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// `lifeboat rekey --verify`, `--prove` and `--abandon`: what is done with shares that were made.
record NewSharesGiven(RekeyParts parts) {
  private static final Duration BACK = Duration.ofSeconds(60);

  /// One custodian after the other, or all at once.
  Exit verify() throws InterruptedException {
    SealStatus status = parts.client().active().sealStatus();
    Target target = Target.of(status);
    List<Share> shares = parts.read(1, true);
    Result result =
        new Confirmation(parts.client(), parts.keeper()::token, target)
            .give(shares, new Shape(status.shares(), status.threshold()));
    if (result.state() == Confirmation.State.IN_FORCE) {
      note();
    }
    String text =
        switch (result.state()) {
          case IN_FORCE ->
              "verify  ok  these are the shares of the %s now".formatted(target.words());
          case COUNTED ->
              "verify  ok  %d of %d new shares; the next custodian runs the same"
                  .formatted(result.given(), result.threshold());
          case NOT_IN_FORCE ->
              "verify  WRONG  these are neither the shares of the %s nor those that wait"
                      .formatted(target.words())
                  + "\n  hint: the old ones are in force; all shares given so far are forgotten";
          case NOTHING_WAITS ->
              "verify  NONE  no new shares wait, and %d shares at once are needed to be tried"
                      .formatted(result.threshold())
                  + "\n  hint: a change of leader has dropped them? lifeboat rekey begins again";
        };
    parts.print(
        text + "\n",
        () ->
            JsonNodeFactory.instance
                .objectNode()
                .put("result", result.state().label())
                .put("given", result.given())
                .put("threshold", result.threshold()));
    return switch (result.state()) {
      case IN_FORCE, COUNTED -> Exit.OK;
      case NOT_IN_FORCE, NOTHING_WAITS -> Exit.REKEY_FAILED;
    };
  }

  /// For the run on this machine that waits for it, if there is one.
  private void note() {
    Optional<Path> waiting =
        Journal.unfinished(parts.config().rekey().folder(), RekeyRuns::isRekey);
    if (waiting.isPresent()) {
      try (Journal journal =
          Journal.resume(
              waiting.get(),
              parts.surroundings().clock(),
              parts.surroundings().milestones()::journalled)) {
        if (!journal.noted(Exchange.NAME).getOrDefault("kept", "").isEmpty()) {
          journal.note(Exchange.NAME, Exchange.verification());
        }
      }
    }
  }

  /// Node by node, as they are restarted.
  ///
  /// @param restart whether we restart them, standbys first, as long as each comes back
  Exit prove(boolean restart) throws InterruptedException {
    SealStatus status = anyStatus();
    if (Target.of(status) == Target.RECOVERY_KEY) {
      // They open no node: what there is to prove is that the server knows them.
      return verify();
    }
    Path folder = parts.config().rekey().folder();
    String run =
        RekeyRuns.lastEnded(folder)
            .map(Journal::run)
            .orElseThrow(
                () ->
                    new CommandException(
                        Exit.NOT_FOUND,
                        "%s has no record of a rekey\nhint: on the machine where it was run"
                            .formatted(folder)));
    List<VaultNode> nodes = parts.client().nodes();
    List<Share> shares =
        restart || anySealed(nodes) ? parts.read(status.threshold(), false) : List.of();
    List<Proof.Line> lines = new ArrayList<>();
    try (Proof proof =
        Proof.of(
            folder,
            run,
            parts.surroundings().clock(),
            parts.surroundings().milestones()::journalled)) {
      if (restart) {
        restart(proof, nodes, shares);
      }
      for (VaultNode node : nodes) {
        lines.add(proof.node(node, shares));
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

  /// Ends with the first that does not come back: the others are needed.
  private void restart(Proof proof, List<VaultNode> nodes, List<Share> shares)
      throws InterruptedException {
    List<VaultNode> standbysFirst =
        nodes.stream().sorted(Comparator.comparing(NewSharesGiven::leads)).toList();
    Leading leading = new Leading(parts.config().vault());
    try (Restarter restarter = Restarter.open(parts.config().restore(), parts.config().vault())) {
      for (VaultNode node : standbysFirst) {
        if (proof.node(node, shares).state() == Proof.State.PROVEN) {
          continue;
        }
        restarter.restart(node.address());
        boolean back =
            proof.node(node, shares).state() == Proof.State.PROVEN
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
            case OPEN -> "NOT YET";
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
      boolean cancelled = Exchange.withdraw(parts.client(), parts.keeper()::token, target, noted);
      boolean doubtful = !cancelled && !noted.getOrDefault("verifying", "").isEmpty();
      if (doubtful) {
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
