package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.Catalogue;
import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Memory;
import dev.lifeboat.backup.MemoryFile;
import dev.lifeboat.backup.Readers;
import dev.lifeboat.daemon.OpenStores;
import dev.lifeboat.keys.Opener;
import dev.lifeboat.keys.SignerKey;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.store.StoreConfig;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// The stores of a configuration, open for reading.
final class OpenCatalogue implements AutoCloseable {
  private final BackupConfig config;
  private final OpenStores stores;
  private final Catalogue catalogue;
  private final TrustedSigners signers;
  private final InstantSource clock;

  private OpenCatalogue(
      BackupConfig config, OpenStores stores, TrustedSigners signers, InstantSource clock) {
    this.config = config;
    this.stores = stores;
    this.signers = signers;
    this.clock = clock;
    this.catalogue = new Catalogue(stores.all(), signers, clock);
  }

  static OpenCatalogue open(ConfigOption option, Surroundings surroundings) {
    BackupConfig config = option.backup(option.read(surroundings), surroundings);
    return open(config, surroundings.clock(), List.of(), List.of());
  }

  /// @param only the stores that are looked at; all when empty
  /// @param more trusted besides the pinned ones
  static OpenCatalogue open(
      BackupConfig config, InstantSource clock, List<String> only, List<SignerKey> more) {
    List<SignerKey> signers =
        new ArrayList<>(TrustedSigners.read(config.trustedSignersFile()).all());
    signers.addAll(more);
    OpenStores stores = only.isEmpty() ? OpenStores.open(config) : OpenStores.only(config, only);
    return new OpenCatalogue(config, stores, TrustedSigners.of(signers), clock);
  }

  /// What verifications leave beside the backups.
  CheckRecords records() {
    return CheckRecords.of(config, stores.all(), signers);
  }

  Catalogue catalogue() {
    return catalogue;
  }

  /// What can be read, and what the retention of each store says of it; [#tell] says of what could
  /// not be. A document that the agent beside it has read and found good is not read again.
  Catalogue.Overview overview() {
    Memory memory = MemoryFile.load(config.spool(), signers);
    Catalogue quick = new Catalogue(stores.all(), signers, clock, new Readers(), memory);
    return quick.overview(
        config.stores().stream()
            .collect(Collectors.toMap(StoreConfig::name, StoreConfig::retention)));
  }

  /// Half a list must not look like a whole one: a line for each store that is missing in it, and
  /// what to end with for that reason.
  static Optional<Exit> tell(Catalogue.Survey survey, Surroundings surroundings) {
    List<Failure> failures = survey.failures().values().stream().map(Failure::of).toList();
    failures.forEach(failure -> surroundings.err().println(failure.text()));
    return failures.stream().map(Failure::exit).findFirst();
  }

  Entry find(String id) {
    return catalogue
        .find(id)
        .orElseThrow(
            () ->
                new CommandException(
                    Exit.NOT_FOUND,
                    "there is no backup %s, or more than one\nhint: lifeboat list shows them all"
                        .formatted(id)));
  }

  /// What was named to open backups, else the key file of the configuration.
  Optional<Opener> opener(KeyOption key, Surroundings surroundings) throws InterruptedException {
    return key.opener(config, surroundings);
  }

  @Override
  public void close() {
    stores.close();
  }
}
