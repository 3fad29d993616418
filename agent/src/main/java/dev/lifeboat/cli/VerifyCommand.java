package dev.lifeboat.cli;

import dev.lifeboat.backup.Catalogue;
import dev.lifeboat.backup.Catalogue.Depth;
import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Catalogue.Finding;
import dev.lifeboat.backup.Catalogue.Verification;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.Opener;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/// `lifeboat verify`: reads backups back, from every store each is in.
@Command(
    name = "verify",
    header = "Read backups back and check them.",
    description = {
      "From every store. With a private key each is decrypted and the snapshot inside is",
      "verified; without one the signatures and the checksum of what is stored are. Says which",
      "of the two it did, and every object that is wrong. Leaves a signed record beside each",
      "backup where it can read backup.signing-key-file; list and retention go by it."
    })
final class VerifyCommand implements Verb {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final KeyOption key = new KeyOption();

  @ArgGroup(multiplicity = "1")
  private Subject subject = new Subject();

  @Option(names = "--no-record", description = "Leave no record of it in the stores.")
  private boolean noRecord;

  @Option(names = "--json", description = "Print a JSON array, one object a backup.")
  private boolean json;

  /// One or all.
  static final class Subject {
    @Parameters(paramLabel = "ID", description = "The id of a backup, or its beginning.")
    private @Nullable String id;

    @Option(names = "--all", description = "Every backup in every store.")
    private boolean all;
  }

  @Override
  public Exit run(Surroundings surroundings) throws InterruptedException {
    List<Result> results = new ArrayList<>();
    Optional<Exit> missing = Optional.empty();
    try (OpenCatalogue open = OpenCatalogue.open(config, surroundings)) {
      Optional<Opener> opener = open.opener(key, surroundings);
      CheckRecords records = noRecord ? CheckRecords.none() : open.records();
      List<Entry> entries;
      if (subject.id == null) {
        Catalogue.Survey survey = open.catalogue().survey();
        entries = survey.entries();
        missing = OpenCatalogue.tell(survey, surroundings);
      } else {
        entries = List.of(open.find(subject.id));
      }
      for (Entry entry : entries) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        Result result = verify(open, entry, opener, records);
        results.add(result);
        if (!json) {
          print(entry, result, surroundings);
        }
      }
      records.troubles().forEach(line -> surroundings.err().println("lifeboat: " + line));
    }
    if (!results.isEmpty() || missing.isEmpty() || json) {
      summary(results, surroundings);
    }
    Exit exit = exit(results);
    return exit == Exit.OK ? missing.orElse(Exit.OK) : exit;
  }

  /// How one backup fared.
  private sealed interface Result {
    /// @param recorded the stores in which a record was left
    record Checked(Verification verification, List<String> recorded) implements Result {}

    /// Not encrypted to the key that was given; what is stored of it is as it should be.
    record Closed(String id, String why) implements Result {}
  }

  private Result verify(
      OpenCatalogue open, Entry entry, Optional<Opener> opener, CheckRecords records)
      throws InterruptedException {
    try {
      return checked(open.catalogue().verify(entry, opener), records);
    } catch (KeyException e) {
      if (e.reason() != KeyException.Reason.WRONG_KEY || !subject.all) {
        throw e;
      }
      // One backup that is not for this key must not hide what is wrong with it and the others.
      Verification stored = open.catalogue().verify(entry, Optional.empty());
      String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      Result.Checked result = checked(stored, records);
      return stored.good() ? new Result.Closed(entry.id(), why) : result;
    }
  }

  /// What an interrupt broke off is no verdict.
  private static Result.Checked checked(Verification verification, CheckRecords records)
      throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    return new Result.Checked(verification, records.add(verification));
  }

  private static Exit exit(List<Result> results) {
    if (results.stream().anyMatch(VerifyCommand::isWrong)) {
      return Exit.VERIFICATION_FAILED;
    }
    return results.stream().anyMatch(result -> result instanceof Result.Closed)
        ? Exit.WRONG_KEY
        : Exit.OK;
  }

  private static boolean isWrong(Result result) {
    return result instanceof Result.Checked(Verification verification, _) && !verification.good();
  }

  private void summary(List<Result> results, Surroundings surroundings) {
    if (json) {
      surroundings.out().print(Json.text(results.stream().map(VerifyCommand::json).toList()));
    } else if (results.isEmpty()) {
      surroundings.out().println("no backups yet");
    } else if (subject.all) {
      long wrong = results.stream().filter(VerifyCommand::isWrong).count();
      long closed = results.stream().filter(result -> result instanceof Result.Closed).count();
      surroundings
          .out()
          .println(
              "%s: %d good, %d wrong%s"
                  .formatted(
                      Words.count(results.size(), "backup"),
                      results.size() - wrong - closed,
                      wrong,
                      closed == 0 ? "" : ", %d not opened by this key".formatted(closed)));
    }
  }

  private static ObjectNode json(Result result) {
    return switch (result) {
      case Result.Checked(Verification verification, List<String> recorded) ->
          Json.verification(verification, recorded);
      case Result.Closed(String id, String why) -> Json.notOpened(id, why);
    };
  }

  private static void print(Entry entry, Result result, Surroundings surroundings) {
    switch (result) {
      case Result.Closed(String id, String why) ->
          surroundings.out().println("%s  CLOSED  %s".formatted(id, why));
      case Result.Checked(Verification verification, _) -> {
        surroundings
            .out()
            .println(
                "%s  %s  %s read from %s: %s"
                    .formatted(
                        entry.id(),
                        verification.good() ? "good  " : "WRONG ",
                        Words.size(verification.bytesRead()),
                        String.join(", ", entry.stores()),
                        did(verification.depth())));
        for (Finding finding : verification.findings()) {
          surroundings
              .out()
              .println(
                  "    %s: %s: %s".formatted(finding.store(), finding.object(), finding.message()));
        }
      }
    }
  }

  private static String did(Depth depth) {
    return switch (depth) {
      case STORED_BYTES -> "signatures and stored bytes checked; not decrypted (no --identity)";
      case ARCHIVE -> "decrypted, and the snapshot inside verified";
    };
  }

  @Override
  public Set<Exit> exits() {
    return EnumSet.of(
        Exit.CONFIGURATION,
        Exit.VERIFICATION_FAILED,
        Exit.STORE_FAILED,
        Exit.NOT_FOUND,
        Exit.WRONG_KEY,
        Exit.KMS_FAILED);
  }
}
