package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.Expired;
import dev.lifeboat.backup.Expiry;
import dev.lifeboat.backup.Readers;
import dev.lifeboat.daemon.ControlException;
import dev.lifeboat.daemon.ExpireClient;
import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.daemon.OpenStores;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.retention.Decision;
import dev.lifeboat.retention.Item;
import dev.lifeboat.retention.RetentionPlan;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreConfig;
import dev.lifeboat.store.StoreException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `lifeboat expire`: shows what the retention of each store keeps, and deletes the rest.
@Command(
    name = "expire",
    header = "Delete the backups that the retention of their store no longer keeps.",
    description = {
      "Prints for every backup whether it stays and why, then asks. The agent that runs with this",
      "configuration deletes; when none runs, this process does. An agent does the same by itself",
      "after every scheduled backup."
    })
final class ExpireCommand implements Verb {
  @Mixin private final ConfigOption config = new ConfigOption();

  @Option(names = "--store", paramLabel = "NAME", description = "Only this store. Default: all.")
  private @Nullable String only;

  @Option(
      names = {"-n", "--dry-run"},
      description = "Print the plan and delete nothing.")
  private boolean dryRun;

  @Option(
      names = {"-y", "--yes"},
      description = "Do not ask.")
  private boolean yes;

  @Option(
      names = "--force-share",
      description = "Delete even if more than max-share-percent of a store would go.")
  private boolean forceShare;

  @Option(names = "--json", description = "Print a JSON array, one object a store.")
  private boolean json;

  /// One store, what it says, and what came of it.
  ///
  /// @param plan empty when the store could not be read
  record Result(
      StoreConfig store, Optional<RetentionPlan> plan, Expired expired, Optional<Failure> failure) {
    Result with(Expired done) {
      return new Result(store, plan, done, failure);
    }

    Result failed(Failure why) {
      return new Result(store, plan, expired, Optional.of(why));
    }

    List<Decision> locking() {
      return plan.filter(made -> made.refusal().isEmpty())
          .map(RetentionPlan::toLock)
          .orElse(List.of());
    }

    boolean idle() {
      return going().isEmpty() && locking().isEmpty();
    }

    List<Item> going() {
      return plan.map(RetentionPlan::toDelete).orElse(List.of());
    }
  }

  @Override
  public Exit run(Surroundings surroundings) throws InterruptedException {
    LifeboatConfig read = config.read(surroundings);
    BackupConfig backup = config.backup(read, surroundings);
    TrustedSigners signers = TrustedSigners.read(backup.trustedSignersFile());
    Expiry expiry =
        new Expiry(signers, new Readers(), surroundings.clock(), surroundings.milestones());
    List<Result> results = new ArrayList<>();
    try (OpenStores stores = OpenStores.open(backup)) {
      for (StoreConfig store : wanted(backup)) {
        Result result = plan(store, named(stores, store.name()), expiry);
        if (!json) {
          print(result, surroundings);
        }
        results.add(result);
      }
      if (!dryRun && agreed(results, surroundings)) {
        ExpireClient client = new ExpireClient(read.controlSocket(), expiry);
        results.replaceAll(result -> carryOut(result, stores, client));
        if (!json) {
          results.forEach(result -> summary(result, surroundings));
        }
      }
    }
    if (json) {
      surroundings
          .out()
          .print(Json.text(results.stream().map(r -> ExpiryJson.of(r, dryRun)).toList()));
    }
    results.forEach(result -> complain(result, surroundings));
    return exit(results);
  }

  private List<StoreConfig> wanted(BackupConfig backup) {
    List<StoreConfig> wanted =
        backup.stores().stream().filter(s -> only == null || s.name().equals(only)).toList();
    if (wanted.isEmpty()) {
      throw new CommandException(
          Exit.NOT_FOUND,
          "no store is called '%s'\nhint: there is %s"
              .formatted(
                  only,
                  backup.stores().stream()
                      .map(StoreConfig::name)
                      .collect(Collectors.joining(", "))));
    }
    return wanted;
  }

  private static Store named(OpenStores stores, String name) {
    return stores.all().stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow();
  }

  private Result plan(StoreConfig config, Store store, Expiry expiry) {
    try {
      RetentionPlan plan = expiry.plan(store, config.retention(), forceShare);
      return new Result(config, Optional.of(plan), Expired.NOTHING, Optional.empty());
    } catch (StoreException e) {
      // The other stores are none the worse for it.
      return new Result(config, Optional.empty(), Expired.NOTHING, Optional.of(Failure.of(e)));
    }
  }

  private boolean agreed(List<Result> results, Surroundings surroundings)
      throws InterruptedException {
    String what =
        Stream.of(
                counted("delete", "from", results, Result::going),
                counted("extend the lock of", "in", results, Result::locking))
            .flatMap(Optional::stream)
            .collect(Collectors.joining("; "));
    if (what.isEmpty()) {
      return false;
    }
    if (Question.agreed(what + "?", yes, surroundings)) {
      return true;
    }
    surroundings.err().println("nothing was deleted");
    return false;
  }

  /// `delete 2 from near, 3 from far`; empty when there is nothing.
  private static Optional<String> counted(
      String verb, String where, List<Result> results, Function<Result, List<?>> what) {
    String counts =
        results.stream()
            .filter(result -> !what.apply(result).isEmpty())
            .map(r -> "%d %s %s".formatted(what.apply(r).size(), where, r.store().name()))
            .collect(Collectors.joining(", "));
    return counts.isEmpty() ? Optional.empty() : Optional.of(verb + " " + counts);
  }

  private Result carryOut(Result result, OpenStores stores, ExpireClient client) {
    if (result.idle()) {
      return result;
    }
    try {
      return result.with(
          client.run(
              named(stores, result.store().name()),
              result.store().retention(),
              forceShare,
              result.plan().orElseThrow()));
    } catch (StoreException e) {
      return result.failed(Failure.of(e));
    } catch (ControlException e) {
      return result.failed(Failure.sentence(exit(e.reason()), String.valueOf(e.getMessage())));
    }
  }

  private static Exit exit(ControlException.Reason reason) {
    return switch (reason) {
      case REFUSED -> Exit.EXPIRE_REFUSED;
      // Some may be gone: looking again shows which.
      case BROKEN_OFF -> Exit.STORE_FAILED;
      case IN_USE, NOT_RUNNING, DENIED, UNUSABLE, LEFT -> Failure.exit(reason);
    };
  }

  private static void print(Result result, Surroundings surroundings) {
    if (result.plan().isEmpty()) {
      return;
    }
    RetentionPlan plan = result.plan().get();
    surroundings
        .out()
        .println(
            "store %s keeps %s: %s, %d to go"
                .formatted(
                    result.store().name(),
                    result.store().retention().text(),
                    Words.count(plan.decisions().size(), "backup"),
                    plan.expiring().size()));
    Table table = new Table("ID", "TAKEN (UTC)", "STORED", "PLAN", "WHY");
    for (var decision : plan.decisions()) {
      Item item = decision.item();
      table.row(
          item.id(),
          item.takenAt().map(Words::utc).orElse("?"),
          Words.size(item.storedBytes()),
          decision.expires() ? "expire" : "keep",
          decision.reason());
    }
    if (!plan.decisions().isEmpty()) {
      surroundings.out().print(table);
    }
  }

  private static void summary(Result result, Surroundings surroundings) {
    if (result.failure().isPresent()) {
      return;
    }
    String store = result.store().name();
    if (!result.locking().isEmpty()) {
      String locked = Words.count(result.expired().locked().size(), "backup");
      surroundings.out().println("store %s: the lock of %s extended".formatted(store, locked));
    }
    if (!result.going().isEmpty()) {
      String deleted = Words.count(result.expired().deleted().size(), "backup");
      surroundings.out().println("store %s: %s deleted".formatted(store, deleted));
    }
  }

  private static void complain(Result result, Surroundings surroundings) {
    String store = result.store().name();
    result.failure().ifPresent(failure -> failure.print(surroundings.err()));
    result
        .plan()
        .flatMap(RetentionPlan::refusal)
        .ifPresent(
            refusal ->
                Failure.sentence(
                        Exit.EXPIRE_REFUSED,
                        "store %s: nothing is deleted: %s\nhint: %s"
                            .formatted(store, refusal.message(), refusal.hint()))
                    .print(surroundings.err()));
    Stream.of(result.expired().unlocked(), result.expired().failed())
        .flatMap(failed -> failed.entrySet().stream())
        .map(e -> "lifeboat: store %s: %s: %s".formatted(store, e.getKey(), e.getValue()))
        .forEach(surroundings.err()::println);
    result
        .expired()
        .brokenOff()
        .ifPresent(
            why ->
                surroundings
                    .err()
                    .println(
                        "lifeboat: store %s: the rest was not tried: %s".formatted(store, why)));
  }

  /// The worst of all stores.
  private static Exit exit(List<Result> results) {
    if (results.stream().anyMatch(result -> !result.expired().done())) {
      return Exit.STORE_FAILED;
    }
    Optional<Exit> failed =
        results.stream().flatMap(r -> r.failure().stream()).map(Failure::exit).findFirst();
    if (failed.isPresent()) {
      return failed.get();
    }
    boolean refused =
        results.stream().anyMatch(r -> r.plan().flatMap(RetentionPlan::refusal).isPresent());
    return refused ? Exit.EXPIRE_REFUSED : Exit.OK;
  }

  @Override
  public Set<Exit> exits() {
    return EnumSet.of(Exit.CONFIGURATION, Exit.STORE_FAILED, Exit.NOT_FOUND, Exit.EXPIRE_REFUSED);
  }
}
