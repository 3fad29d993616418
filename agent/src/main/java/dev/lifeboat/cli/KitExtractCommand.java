package dev.lifeboat.cli;

import dev.lifeboat.backup.Kit;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lifeboat kit extract`: the files of a kit, in a folder.
@Command(
    name = "extract",
    header = "Write the files of a recovery kit into a folder.",
    description = {
      "Under their old paths, below the folder: DIR/etc/openbao/openbao.hcl. Mode 0600 each,",
      "folders 0700; owner and mode of before are in DIR/index.json. Nothing is overwritten.",
      "The files may hold secrets, such as the token of a transit seal."
    })
final class KitExtractCommand implements Verb {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final KeyOption key = new KeyOption();

  @Parameters(
      paramLabel = "ID",
      arity = "0..1",
      description = "The id of a backup, or its beginning. Default: the newest that has a kit.")
  private String id = "";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      required = true,
      description = "A folder that is empty, or is made.")
  private Path output = Path.of("");

  @Override
  public Exit run(Surroundings surroundings) throws InterruptedException {
    requireEmpty();
    Kit.Opened kit;
    try (OpenCatalogue open = OpenCatalogue.open(config, surroundings)) {
      kit = KitReader.read(open, id, key, surroundings);
    }
    write(output.resolve("index.json"), KitListCommand.indexBytes(kit));
    for (Map.Entry<String, byte[]> file : kit.files().entrySet()) {
      Path target = output.resolve(file.getKey().substring(1)).normalize();
      if (!target.startsWith(output.normalize())) {
        throw new CommandException(
            Exit.VERIFICATION_FAILED, "the kit names a file outside of itself: " + file.getKey());
      }
      write(target, file.getValue());
    }
    surroundings
        .out()
        .println(
            "%s: %s of backup %s, and index.json"
                .formatted(
                    output,
                    Words.count(kit.files().size(), "file"),
                    kit.index().path("backup").asString("")));
    return Exit.OK;
  }

  private void requireEmpty() {
    try {
      if (Files.exists(output)) {
        try (var entries = Files.list(output)) {
          if (entries.findAny().isPresent()) {
            throw new CommandException(
                Exit.USAGE, "%s is not empty\nhint: name a new folder".formatted(output));
          }
        }
      }
    } catch (IOException e) {
      throw OutputFile.failed(output, e);
    }
  }

  private static void write(Path file, byte[] content) {
    try {
      Path folder = file.toAbsolutePath().getParent();
      if (folder != null) {
        var _ =
            Files.createDirectories(
                folder,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      Path made =
          Files.createFile(
              file,
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      try (OutputStream out = Files.newOutputStream(made)) {
        out.write(content);
      }
    } catch (IOException e) {
      throw OutputFile.failed(file, e);
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
