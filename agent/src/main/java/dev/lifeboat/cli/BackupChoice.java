package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.Catalogue;
import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Manifest;
import dev.lifeboat.keys.Opener;
import dev.lifeboat.restore.Source;
import java.io.OutputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Which backup comes back, and what opens it.
final class BackupChoice {
  @ArgGroup private @Nullable Which which;

  @Mixin private final BackupSource from = new BackupSource();

  private Catalogue.@Nullable Survey survey;

  /// By what it is chosen.
  static final class Which {
    @Option(
        names = "--latest-verified",
        description =
            "The newest that a pinned key has signed and that no verification found fault with. The"
                + " default.")
    @SuppressWarnings("UnusedVariable") // It only says what happens without it.
    private boolean latestVerified;

    @Option(
        names = "--at",
        paramLabel = "TIME",
        description = "The newest of those that were taken at or before: 2026-11-30T12:00:00Z.")
    private @Nullable String at;

    @Option(names = "--id", paramLabel = "ID", description = "This one; the beginning is enough.")
    private @Nullable String id;
  }

  Opener opener(IdentityOption identity, BackupConfig config, Surroundings surroundings)
      throws InterruptedException {
    return from.opener(identity, config, surroundings);
  }

  OpenCatalogue open(BackupConfig config, Surroundings surroundings) {
    return open(config, List.of(), surroundings);
  }

  /// @param only the stores to look at when none is named; all when empty
  OpenCatalogue open(BackupConfig config, List<String> only, Surroundings surroundings) {
    survey = null;
    return from.open(config, only, surroundings);
  }

  /// Whether one was asked for by its name or its time.
  boolean isNamed() {
    return which != null && (which.at != null || which.id != null);
  }

  /// @param earlier the backup of a run that is taken up again
  Entry choose(OpenCatalogue open, Optional<String> earlier, Surroundings surroundings) {
    Optional<String> named = Optional.ofNullable(which).map(each -> each.id);
    if (earlier.isPresent()) {
      if (from.isOneStore() || (which != null && which.id == null)) {
        throw new CommandException(
            Exit.USAGE,
            "a run that brings back %s was begun and has not ended: that is decided\nhint: %s"
                .formatted(
                    earlier.get(),
                    "the same command without --at, --latest-verified and --store goes on with it;"
                        + " lifeboat restore abandon gives it up"));
      }
      if (named.isPresent() && !earlier.get().startsWith(named.get())) {
        throw new CommandException(
            Exit.USAGE,
            "a run that brings back %s was begun and has not ended\nhint: %s"
                .formatted(
                    earlier.get(),
                    "the same command goes on with it; lifeboat restore abandon gives it up"));
      }
      return trusted(open.find(earlier.get()));
    }
    if (named.isPresent()) {
      return trusted(open.find(named.get()));
    }
    Optional<Instant> at = Optional.ofNullable(which).map(each -> each.at).map(BackupChoice::time);
    return newest(at, open, surroundings);
  }

  /// One that this command has taken itself.
  static Entry own(OpenCatalogue open, String id) {
    return trusted(open.find(id));
  }

  /// @param entry with a manifest
  static Source source(OpenCatalogue open, Entry entry, Opener opener) {
    Manifest manifest = entry.manifest().orElseThrow();
    return new Source() {
      @Override
      public Manifest manifest() {
        return manifest;
      }

      @Override
      public void extract(OutputStream plain) {
        open.catalogue().extract(entry, opener, plain);
      }
    };
  }

  /// What a plan says of it first.
  ///
  /// @param entry with a manifest
  String words(OpenCatalogue open, Entry entry, Surroundings surroundings) {
    Manifest manifest = entry.manifest().orElseThrow();
    return RestoreText.backup(
        entry, manifest, newestEpoch(open, manifest), surroundings.clock().instant());
  }

  /// The newest term of the barrier key among the backups of this cluster.
  private OptionalInt newestEpoch(OpenCatalogue open, Manifest manifest) {
    return survey(open).entries().stream()
        .filter(each -> each.trouble().isEmpty())
        .flatMap(each -> each.manifest().stream())
        .filter(each -> each.cluster().id().equals(manifest.cluster().id()))
        .flatMap(each -> each.seal().keyEpoch().stream())
        .mapToInt(Integer::intValue)
        .max();
  }

  /// Read once: of a store with thousands of backups it takes a while.
  private Catalogue.Survey survey(OpenCatalogue open) {
    if (survey == null) {
      survey = open.catalogue().survey();
    }
    return survey;
  }

  private Entry newest(Optional<Instant> at, OpenCatalogue open, Surroundings surroundings) {
    Catalogue.Survey survey = survey(open);
    var failed = OpenCatalogue.tell(survey, surroundings);
    Predicate<Manifest> inTime = manifest -> at.isEmpty() || !manifest.takenAt().isAfter(at.get());
    return survey.entries().stream()
        .filter(entry -> entry.trouble().isEmpty())
        .filter(entry -> entry.manifest().filter(inTime).isPresent())
        .filter(entry -> entry.checks().values().stream().allMatch(check -> check.good()))
        .findFirst()
        .orElseThrow(
            () ->
                new CommandException(
                    failed.orElse(Exit.NOT_FOUND),
                    "there is no verified backup%s\nhint: lifeboat list shows what there is, and"
                            .formatted(at.map(time -> " of " + time + " or before").orElse(""))
                        + " why it does not count; --id takes one by its name"));
  }

  private static Entry trusted(Entry entry) {
    if (entry.trouble().isPresent() || entry.manifest().isEmpty()) {
      throw new CommandException(
          Exit.VERIFICATION_FAILED,
          "backup %s cannot be trusted: %s\nhint: %s"
              .formatted(
                  entry.id(),
                  entry.trouble().orElse("it has no manifest"),
                  "if a node of yours has signed it, give its public signer line with --signer"));
    }
    return entry;
  }

  private static Instant time(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw new CommandException(
          Exit.USAGE, "'%s' is no time\nhint: such as 2026-11-30T12:00:00Z".formatted(text));
    }
  }
}
