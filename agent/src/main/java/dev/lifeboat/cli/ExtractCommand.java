package dev.lifeboat.cli;

import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.keys.Opener;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lifeboat extract`: the plain snapshot, for the product's own restore command.
@Command(
    name = "extract",
    header = "Decrypt a backup into a plain snapshot file.",
    description = {
      "For `bao operator raft snapshot restore` or `vault operator raft snapshot restore`. The",
      "file has mode 0600 and appears only when all of it was verified. Whoever can read it and",
      "has the unseal keys can read every secret."
    })
final class ExtractCommand implements Verb {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final KeyOption key = new KeyOption();

  @Parameters(paramLabel = "ID", description = "The id of a backup, or its beginning.")
  private String id = "";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      required = true,
      description = "Where to write it.")
  private Path output = Path.of("");

  @Option(names = "--force", description = "Replace an existing file.")
  private boolean force;

  @Override
  public Exit run(Surroundings surroundings) throws InterruptedException {
    surroundings.out().println(extract(surroundings));
    return Exit.OK;
  }

  private String extract(Surroundings surroundings) throws InterruptedException {
    try (OpenCatalogue open = OpenCatalogue.open(config, surroundings);
        ProgressMeter meter = new ProgressMeter(surroundings)) {
      Entry entry = open.find(id);
      Opener opener = open.opener(key, surroundings).orElseThrow(KeyOption::missing);
      long bytes;
      try (OutputFile file = OutputFile.create(output, force)) {
        var counted = new CountedOutput(file.stream(), meter, "extract");
        open.catalogue().extract(entry, opener, counted);
        file.keep();
        bytes = counted.bytes();
      }
      return "%s: %s, the verified snapshot of backup %s"
          .formatted(output, Words.size(bytes), entry.id());
    }
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
