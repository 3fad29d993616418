package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.Catalogue;
import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Rewrap;
import dev.lifeboat.backup.Rewrap.Plan;
import dev.lifeboat.backup.Rewrap.Step;
import dev.lifeboat.daemon.OpenStores;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.Opener;
import dev.lifeboat.keys.Recipient;
import dev.lifeboat.keys.RecipientKey;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.kms.KmsConfig;
import dev.lifeboat.kms.KmsRecipient;
import dev.lifeboat.store.StoreConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lifeboat keys rewrap`: who can open the backups that there are.
@Command(
    name = "rewrap",
    header = "Add or remove recipients of existing backups.",
    description = {
      "Data and manifests stay as they are: a recipient is a small signed document beside them.",
      "Without --add, --add-kms and --remove, adds every recipient of the configuration that is",
      "missing. Adds everywhere first, then removes, and never the last key. Prints the plan and",
      "asks. Ended half-way, the same command does the rest."
    })
final class KeysRewrapCommand implements Verb {
  private static final String KEY_ID = "[0-9a-f]{16}";

  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final IdentityOption identity = new IdentityOption();

  @ArgGroup(multiplicity = "1")
  private Subject subject = new Subject();

  /// Some or all.
  static final class Subject {
    @Parameters(paramLabel = "ID", description = "The ids of backups, or their beginnings.")
    private List<String> ids = List.of();

    @Option(names = "--all", description = "Every backup in every store.")
    private boolean all;
  }

  @Option(
      names = "--add",
      paramLabel = "FILE",
      description = "Add the recipients whose public lines are in this file.")
  private @Nullable Path add;

  @Option(
      names = "--add-kms",
      paramLabel = "NAME",
      description = "Add this key of backup.kms. Repeatable.")
  private List<String> addKms = List.of();

  @Option(
      names = "--remove",
      paramLabel = "KEYID",
      description = "Remove the recipient with this key id. Repeatable.")
  private List<String> remove = List.of();

  @Option(
      names = {"-n", "--dry-run"},
      description = "Print the plan and change nothing.")
  private boolean dryRun;

  @Option(
      names = {"-y", "--yes"},
      description = "Do not ask.")
  private boolean yes;

  @Override
  public Exit run(Surroundings surroundings) throws InterruptedException {
    BackupConfig backup = config.backup(config.read(surroundings), surroundings);
    Set<String> going = removed();
    List<Recipient> coming = added(backup, going);
    Opener opener = identity.opener(backup, surroundings);
    TrustedSigners signers = TrustedSigners.read(backup.trustedSignersFile());
    SigningKey signing = signing(backup, signers);
    backup.stores().forEach(KeysRewrapCommand::requireOwner);
    try (OpenStores stores = OpenStores.open(backup);
        ProgressMeter meter = new ProgressMeter(surroundings)) {
      Catalogue catalogue = new Catalogue(stores.all(), signers, surroundings.clock());
      Rewrap rewrap = new Rewrap(stores.all(), signers, signing, surroundings.clock());
      Plan plan = rewrap.plan(entries(catalogue), coming, going);
      print(plan, surroundings);
      if (plan.steps().isEmpty() || dryRun) {
        return plan.refused().isEmpty() ? Exit.OK : Exit.VERIFICATION_FAILED;
      }
      if (!Question.agreed(
          "change the keys of %s?".formatted(Words.count(plan.steps().size(), "backup")),
          yes,
          surroundings)) {
        surroundings.err().println("nothing was changed");
        return Exit.OK;
      }
      return carriedOut(plan, rewrap.carryOut(plan, opener, meter), surroundings);
    }
  }

  private Set<String> removed() {
    for (String id : remove) {
      if (!id.matches(KEY_ID)) {
        throw new CommandException(
            Exit.USAGE,
            "'%s' is no key id\nhint: 16 hex digits, as lifeboat inspect ID names them"
                .formatted(id));
      }
    }
    return new LinkedHashSet<>(remove);
  }

  private List<Recipient> added(BackupConfig backup, Set<String> going) {
    List<Recipient> recipients = new ArrayList<>();
    if (add != null) {
      recipients.addAll(RecipientKey.readAll(add));
    }
    addKms.forEach(name -> recipients.add(new KmsRecipient(KeyOption.kms(backup, name))));
    if (add == null && addKms.isEmpty() && going.isEmpty()) {
      recipients.addAll(RecipientKey.readAll(backup.recipientsFile()));
      for (KmsConfig kms : backup.kms()) {
        recipients.add(new KmsRecipient(kms));
      }
    }
    for (Recipient recipient : recipients) {
      if (recipient instanceof RecipientKey key && going.contains(key.id())) {
        throw new CommandException(
            Exit.USAGE, "%s is to be added and removed\nhint: decide".formatted(key.words()));
      }
    }
    return recipients;
  }

  private List<Entry> entries(Catalogue catalogue) {
    if (subject.all) {
      return catalogue.list();
    }
    return subject.ids.stream()
        .map(
            id ->
                catalogue
                    .find(id)
                    .orElseThrow(
                        () ->
                            new CommandException(
                                Exit.NOT_FOUND,
                                "there is no backup %s, or more than one\nhint: %s"
                                    .formatted(id, "lifeboat list shows them all"))))
        .toList();
  }

  private static SigningKey signing(BackupConfig backup, TrustedSigners signers) {
    SigningKey signing = SigningKey.read(backup.signingKeyFile());
    if (signers.all().stream().noneMatch(s -> s.id().equals(signing.signer().id()))) {
      throw new KeyException(
          KeyException.Reason.UNKNOWN_SIGNER,
          "the key in %s is none of the trusted signers of %s"
                  .formatted(backup.signingKeyFile(), backup.trustedSignersFile())
              + "\nhint: append this line there, on every machine that reads backups: "
              + signing.signer());
    }
    return signing;
  }

  /// What root leaves in a local store the agent's own user could not read afterwards.
  private static void requireOwner(StoreConfig store) {
    if (!(store.where() instanceof StoreConfig.Local(Path path)) || !Files.exists(path)) {
      return;
    }
    try {
      String owner = Files.getOwner(path).getName();
      if (!Files.getOwner(path).equals(Files.getOwner(Path.of("/proc/self")))) {
        throw new CommandException(
            Exit.STORE_FAILED,
            "store %s belongs to %s\nhint: as that user: runuser -u %s -- lifeboat keys rewrap …"
                .formatted(store.name(), owner, owner));
      }
    } catch (IOException e) {
      throw new CommandException(
          Exit.STORE_FAILED, "store %s cannot be looked at: %s".formatted(store.name(), e));
    }
  }

  private static void print(Plan plan, Surroundings surroundings) {
    Table table = new Table("ID", "STORE", "ADD", "REMOVE", "THEN");
    plan.steps()
        .forEach(
            (id, steps) -> {
              for (Step step : steps) {
                table.row(
                    id,
                    step.store().name(),
                    none(step.add().stream().map(Recipient::words).toList()),
                    none(step.remove()),
                    Words.count(step.left(), "recipient"));
              }
            });
    if (!plan.steps().isEmpty()) {
      surroundings.out().print(table);
    }
    if (plan.unchanged() > 0) {
      surroundings
          .out()
          .println("%s as asked already".formatted(Words.count(plan.unchanged(), "backup")));
    }
    plan.refused()
        .forEach((id, why) -> surroundings.err().println("lifeboat: %s: %s".formatted(id, why)));
    boolean removes =
        plan.steps().values().stream()
            .flatMap(List::stream)
            .anyMatch(step -> !step.remove().isEmpty());
    if (removes) {
      surroundings
          .out()
          .println(
              """
              Removing revokes nothing for copies already taken: whoever had the key and a copy of
              a backup, or saw its data key, can open that copy for ever. Change what is in it.""");
    }
    if (plan.steps().isEmpty() && plan.refused().isEmpty() && plan.unchanged() == 0) {
      surroundings.out().println("no backups yet");
    }
  }

  private static String none(List<String> words) {
    return words.isEmpty() ? "-" : words.stream().collect(Collectors.joining(", "));
  }

  private static Exit carriedOut(Plan plan, Rewrap.Result result, Surroundings surroundings) {
    surroundings
        .out()
        .println(
            "%s added, %d removed".formatted(Words.count(result.added(), "key"), result.removed()));
    result
        .failed()
        .forEach((id, why) -> surroundings.err().println("lifeboat: %s: %s".formatted(id, why)));
    if (!result.failed().isEmpty()) {
      surroundings.err().println("hint: mend it and give the same command again");
      return Exit.REWRAP_INCOMPLETE;
    }
    return plan.refused().isEmpty() ? Exit.OK : Exit.VERIFICATION_FAILED;
  }

  @Override
  public Set<Exit> exits() {
    return EnumSet.of(
        Exit.CONFIGURATION,
        Exit.VERIFICATION_FAILED,
        Exit.STORE_FAILED,
        Exit.NOT_FOUND,
        Exit.WRONG_KEY,
        Exit.REWRAP_INCOMPLETE);
  }
}
