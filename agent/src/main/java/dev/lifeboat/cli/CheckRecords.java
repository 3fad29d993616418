package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.Catalogue.Copy;
import dev.lifeboat.backup.Catalogue.Verification;
import dev.lifeboat.backup.Check;
import dev.lifeboat.backup.Checks;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// Leaves what `lifeboat verify` found beside each backup, where this machine can sign it. What
/// could not be recorded is said once at the end, and changes no exit code: the verification itself
/// was made.
final class CheckRecords {
  private final List<Store> stores;
  private final String by;
  private final Optional<SigningKey> signing;
  private final TreeMap<String, String> troubles = new TreeMap<>();

  private CheckRecords(List<Store> stores, String by, Optional<SigningKey> signing) {
    this.stores = List.copyOf(stores);
    this.by = by;
    this.signing = signing;
  }

  static CheckRecords none() {
    return new CheckRecords(List.of(), "", Optional.empty());
  }

  static CheckRecords of(BackupConfig config, List<Store> stores, TrustedSigners signers) {
    String by = PinCommand.who(config);
    try {
      SigningKey signing = SigningKey.read(config.signingKeyFile());
      if (signers.all().stream().anyMatch(each -> each.id().equals(signing.signer().id()))) {
        return new CheckRecords(stores, by, Optional.of(signing));
      }
      return refused(by, "this machine's signing key is not among backup.trusted-signers-file");
    } catch (KeyException e) {
      return refused(by, firstLine(e));
    }
  }

  private static CheckRecords refused(String by, String why) {
    CheckRecords records = new CheckRecords(List.of(), by, Optional.empty());
    records.troubles.put("", why);
    return records;
  }

  /// The names of the stores in which it was recorded.
  List<String> add(Verification verification) {
    List<String> recorded = new ArrayList<>();
    if (signing.isEmpty()) {
      return recorded;
    }
    for (Copy copy : verification.copies()) {
      if (!copy.finished()) {
        troubles.put(copy.store(), "it could not be read to its end");
        continue;
      }
      for (Store store : stores) {
        if (store.name().equals(copy.store())) {
          try {
            Check check = Check.of(verification, copy, by, Optional.empty());
            Checks.write(store, check, copy.records(), signing.get());
            recorded.add(store.name());
          } catch (StoreException e) {
            troubles.put(store.name(), firstLine(e));
          }
        }
      }
    }
    return recorded;
  }

  /// One line each; empty when all was recorded or nothing was to be.
  List<String> troubles() {
    return troubles.entrySet().stream()
        .map(
            each ->
                each.getKey().isEmpty()
                    ? "not recorded: " + each.getValue()
                    : "not recorded in %s: %s".formatted(each.getKey(), each.getValue()))
        .toList();
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
