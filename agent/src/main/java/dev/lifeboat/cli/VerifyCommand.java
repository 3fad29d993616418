package dev.lifeboat.cli;

import dev.lifeboat.backup.Catalogue.Depth;
import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Catalogue.Finding;
import dev.lifeboat.backup.Catalogue.Verification;
import dev.lifeboat.keys.RecipientIdentity;
import java.nio.file.Path;
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
      "From every store. With a private key each is decrypted and the snapshot inside is verified;",
      "without one the signatures and the checksum of what is stored are. Says which of the two it did,",
      "and every object that is wrong."
    })
final class VerifyCommand implements Verb {
  @Mixin private final ConfigOption config = new ConfigOption();

  @ArgGroup(multiplicity = "1")
  private Subject subject = new Subject();

  @Option(
      names = "--identity",
      paramLabel = "FILE",
      description = "A private key that opens the backups. Default: backup.identity-file.")
  private @Nullable Path identity;

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
    List<ObjectNode> objects = new ArrayList<>();
    int wrong = 0;
    int total = 0;
    try (OpenCatalogue open = OpenCatalogue.open(config, surroundings)) {
      Optional<RecipientIdentity> key = open.identity(identity);
      List<Entry> entries =
          subject.all || subject.id == null
              ? open.catalogue().list()
              : List.of(open.find(subject.id));
      for (Entry entry : entries) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        Verification verification = open.catalogue().verify(entry, key);
        total++;
        wrong += verification.good() ? 0 : 1;
        objects.add(Json.verification(verification, depth(verification.depth())));
        if (!json) {
          print(entry, verification, surroundings);
        }
      }
    }
    if (json) {
      surroundings.out().print(Json.text(objects));
    } else if (total != 1) {
      surroundings
          .out()
          .println(
              total == 0
                  ? "no backups yet"
                  : "%s verified, %d good, %d wrong"
                      .formatted(Words.count(total, "backup"), total - wrong, wrong));
    }
    return wrong == 0 ? Exit.OK : Exit.VERIFICATION_FAILED;
  }

  private static String depth(Depth depth) {
    return switch (depth) {
      case STORED_BYTES -> "stored_bytes";
      case ARCHIVE -> "archive";
    };
  }

  private static void print(Entry entry, Verification verification, Surroundings surroundings) {
    String did =
        switch (verification.depth()) {
          case STORED_BYTES ->
              "signatures and stored bytes checked; not decrypted, for want of a private key";
          case ARCHIVE -> "decrypted, and the snapshot inside verified";
        };
    surroundings
        .out()
        .println(
            "%s  %s  %s read from %s: %s"
                .formatted(
                    entry.id(),
                    verification.good() ? "good " : "WRONG",
                    Words.size(verification.bytesRead()),
                    String.join(", ", entry.stores()),
                    did));
    for (Finding finding : verification.findings()) {
      surroundings
          .out()
          .println(
              "    %s: %s: %s".formatted(finding.store(), finding.object(), finding.message()));
    }
  }

  @Override
  public Set<Exit> exits() {
    return EnumSet.of(
        Exit.CONFIGURATION,
        Exit.VERIFICATION_FAILED,
        Exit.STORE_FAILED,
        Exit.NOT_FOUND,
        Exit.WRONG_KEY);
  }
}
