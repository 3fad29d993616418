package dev.lifeboat.cli;

import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Kit;
import dev.lifeboat.keys.Opener;

/// Opens the recovery kit of one backup for a command.
final class KitReader {
  private KitReader() {}

  /// @param id of the backup, or its beginning; empty for the newest that has a kit
  static Kit.Opened read(OpenCatalogue open, String id, KeyOption key, Surroundings surroundings)
      throws InterruptedException {
    Entry entry = id.isEmpty() ? newest(open) : open.find(id);
    Opener opener = open.opener(key, surroundings).orElseThrow(KeyOption::missing);
    return open.catalogue()
        .kit(entry, opener)
        .orElseThrow(
            () ->
                new CommandException(
                    Exit.NOT_FOUND,
                    "backup %s has no recovery kit\nhint: it was taken with %s"
                        .formatted(
                            entry.id(), "backup.kit.enabled = false, or by an older lifeboat")));
  }

  private static Entry newest(OpenCatalogue open) {
    return open.catalogue().list().stream()
        .filter(entry -> entry.trouble().isEmpty())
        .filter(entry -> entry.manifest().filter(m -> m.kit().isPresent()).isPresent())
        .findFirst()
        .orElseThrow(
            () ->
                new CommandException(
                    Exit.NOT_FOUND, "no backup has a recovery kit\nhint: lifeboat backup"));
  }
}
