package dev.lifeboat.cli;

import dev.lifeboat.archive.Snapshot;
import dev.lifeboat.archive.SnapshotFacts;
import dev.lifeboat.backup.Catalogue.Entry;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lifeboat inspect`: one backup in full, or a plain snapshot file of anybody's.
@Command(
    name = "inspect",
    header = "Show all that is recorded of one backup, or what is in a snapshot file.",
    description = {
      "A plain snapshot file, of Vault or OpenBao and made by any tool, is read to its end and",
      "its checksums are proven. A file is meant when one of that name exists."
    })
final class InspectCommand implements Verb {
  @Mixin private final ConfigOption config = new ConfigOption();

  @Option(names = "--json", description = "Print a JSON object.")
  private boolean json;

  @Parameters(
      paramLabel = "ID|FILE",
      description = "The id of a backup, or its beginning; or a snapshot file.")
  private String subject = "";

  @Override
  public Exit run(Surroundings surroundings) {
    Path file = Path.of(subject);
    if (Files.isRegularFile(file)) {
      return snapshot(file, surroundings);
    }
    if (subject.contains("/")) {
      throw new CommandException(Exit.NOT_FOUND, "there is no file " + subject);
    }
    return stored(surroundings);
  }

  private Exit snapshot(Path file, Surroundings surroundings) {
    SnapshotFacts facts;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      facts = Snapshot.verify(in);
    } catch (IOException e) {
      throw InputFile.failed(file, e);
    }
    if (json) {
      surroundings.out().print(Json.text(Json.facts(facts)));
      return Exit.OK;
    }
    surroundings
        .out()
        .print(
            new Facts("snapshot " + file)
                .add(
                    "members",
                    "meta.json, state.bin, SHA256SUMS, SHA256SUMS.sealed; all sums match")
                .add("raft", "index %d, term %d".formatted(facts.raftIndex(), facts.raftTerm()))
                .add("raft id", facts.raftId())
                .add("state.bin", Words.size(facts.stateBytes()))
                .add(
                    "file",
                    "%s, sha256 %s".formatted(Words.size(facts.plainBytes()), facts.plainSha256()))
                .add("not proven", "SHA256SUMS.sealed: only the cluster's own seal can open it"));
    return Exit.OK;
  }

  private Exit stored(Surroundings surroundings) {
    Entry entry;
    try (OpenCatalogue open = OpenCatalogue.open(config, surroundings)) {
      entry = open.find(subject);
    }
    if (json) {
      surroundings.out().print(Json.text(Json.entry(entry)));
    } else if (entry.manifest().isPresent()) {
      surroundings
          .out()
          .print(ManifestText.of(entry, entry.manifest().get(), surroundings.clock().instant()));
    }
    if (entry.trouble().isEmpty()) {
      return Exit.OK;
    }
    Failure failure =
        Failure.sentence(
            Exit.VERIFICATION_FAILED, "%s: %s".formatted(entry.id(), entry.trouble().get()));
    failure.print(surroundings.err());
    return failure.exit();
  }

  @Override
  public Set<Exit> exits() {
    return EnumSet.of(
        Exit.CONFIGURATION, Exit.VERIFICATION_FAILED, Exit.STORE_FAILED, Exit.NOT_FOUND);
  }
}
