package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.kms.KmsConfig;
import dev.lifeboat.restore.RegionsConfig;
import dev.lifeboat.restore.RegionsConfig.Region;
import dev.lifeboat.restore.Restoring;
import dev.lifeboat.restore.Seen;
import dev.lifeboat.route53.RecordException;
import dev.lifeboat.route53.RecordSet;
import dev.lifeboat.store.S3Config;
import dev.lifeboat.store.StoreConfig;
import dev.lifeboat.unseal.AutoUnseal;
import dev.lifeboat.unseal.AutoUnseal.Finding;
import dev.lifeboat.vault.RequestObserver;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.vault.VaultException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Whether each of `restore.regions` can take the cluster when all the others are lost: stores and
/// keys that are there then, machines that can be told what to do, a name that can be switched.
final class RegionExams {
  /// Clients go to the old region for that long.
  private static final Duration LONG_TTL = Duration.ofMinutes(5);

  private final LifeboatConfig config;
  private final BackupConfig backup;
  private final RegionsConfig regions;
  private final InstantSource clock;
  private final List<Exam> exams = new ArrayList<>();

  private RegionExams(LifeboatConfig config, BackupConfig backup, InstantSource clock) {
    this.config = config;
    this.backup = backup;
    this.regions = config.restore().regions();
    this.clock = clock;
  }

  /// None where the cluster can live in one place only.
  static List<Exam> of(LifeboatConfig config, BackupConfig backup, InstantSource clock) {
    RegionExams all = new RegionExams(config, backup, clock);
    if (all.regions.all().isEmpty()) {
      return List.of();
    }
    Optional<Set<String>> keys = all.regionsOfTheSeal();
    for (Region region : all.regions.all()) {
      all.examine(region, keys);
    }
    all.regions.name().ifPresent(all::name);
    return all.exams;
  }

  /// Where the key of an auto-unseal is, none where shares open the cluster; empty when nobody can
  /// tell.
  private Optional<Set<String>> regionsOfTheSeal() {
    Set<String> found = new TreeSet<>();
    try (VaultClient client = VaultClient.open(config.vault(), RequestObserver.NONE)) {
      String type = client.own().sealStatus().type();
      if (type.equals("shamir")) {
        return Optional.of(found);
      }
      for (Finding finding : new AutoUnseal(config.unseal()).examine(Optional.of(type))) {
        found.addAll(finding.regions());
      }
    } catch (VaultException e) {
      // The exam of the server says so.
    }
    return Optional.of(found).filter(regions -> !regions.isEmpty());
  }

  private void examine(Region region, Optional<Set<String>> keys) {
    String topic = "region " + region.name();
    int before = exams.size();
    seal(region, topic, keys);
    stores(region, topic);
    for (KmsConfig kms : backup.kms()) {
      kms.onlyIn()
          .filter(where -> region.awsRegion().filter(there -> !there.equals(where)).isPresent())
          .ifPresent(
              where ->
                  exams.add(
                      Exam.warning(
                          topic,
                          "kms %s is in %s only: backups are opened there by a recipient's key"
                              .formatted(kms.name(), where),
                          "have an --identity at hand, or a multi-Region key with a replica")));
    }
    if (regions.name().isPresent() && region.answers().isEmpty() && region.alias().isEmpty()) {
      exams.add(
          Exam.wrong(
              topic,
              "not ready: nothing is known that the public name could answer there",
              "restore.regions.%s.answers".formatted(region.name()),
              Exit.CONFIGURATION));
    }
    machines(region, topic);
    if (exams.size() == before) {
      exams.add(
          Exam.ok(
              topic,
              "ready: stores %s, %s, %s"
                  .formatted(
                      String.join(", ", region.stores()),
                      region.nodes().size() == 1
                          ? "1 machine answers"
                          : region.nodes().size() + " machines answer",
                      keys.filter(Set::isEmpty).isPresent()
                          ? "shares open it"
                          : "its key is there")));
    }
  }

  private void seal(Region region, String topic, Optional<Set<String>> keys) {
    if (keys.isEmpty()) {
      exams.add(
          Exam.warning(
              topic,
              "whether the key of the seal is there is not known",
              "what is restored there is opened by it; see the line of the seal"));
      return;
    }
    region
        .awsRegion()
        .filter(there -> !keys.get().isEmpty() && !keys.get().contains(there))
        .ifPresent(
            there ->
                exams.add(
                    Exam.wrong(
                        topic,
                        "not ready: the key of the seal is in %s, and what is restored in %s cannot"
                                .formatted(String.join(", ", keys.get()), there)
                            + " be opened",
                        "a multi-Region key with a replica there; another key is a seal migration",
                        Exit.KMS_FAILED)));
  }

  private void stores(Region region, String topic) {
    if (region.stores().isEmpty()) {
      exams.add(
          Exam.wrong(
              topic,
              "not ready: no store is named that is there when the others are lost",
              "restore.regions.%s.stores".formatted(region.name()),
              Exit.CONFIGURATION));
    }
    for (String name : region.stores()) {
      Optional<StoreConfig> store =
          backup.stores().stream().filter(each -> each.name().equals(name)).findFirst();
      String why =
          store
              .map(each -> elsewhere(each, region))
              .orElse(Optional.of("there is no store of this name"))
              .orElse("");
      if (!why.isEmpty()) {
        exams.add(
            Exam.wrong(
                topic,
                "not ready: store %s: %s".formatted(name, why),
                "a store in that region, with replicate-from: docs/stores.md",
                Exit.CONFIGURATION));
      }
    }
  }

  private static Optional<String> elsewhere(StoreConfig store, Region region) {
    return switch (store.where()) {
      case StoreConfig.Local _ -> Optional.of("it is a folder of this machine");
      case S3Config s3 ->
          s3.region()
              .filter(where -> s3.endpoint().isEmpty())
              .filter(where -> region.awsRegion().filter(there -> !there.equals(where)).isPresent())
              .map(where -> "its bucket is in " + where);
      default -> Optional.empty();
    };
  }

  private void machines(Region region, String topic) {
    if (region.nodes().isEmpty()) {
      exams.add(
          Exam.wrong(
              topic,
              "not ready: it has no nodes",
              "restore.regions.%s.nodes".formatted(region.name()),
              Exit.CONFIGURATION));
      return;
    }
    try (Restoring look =
        Restoring.open(
            config.restore().with(region.nodes()),
            config.vault(),
            RestoreOptions.auth(config),
            new Restoring.Surroundings(clock, "check", _ -> {}),
            Restoring.fresh("check", clock))) {
      for (Seen seen : look.look()) {
        if (seen.runs().isEmpty()) {
          exams.add(
              Exam.warning(
                  topic,
                  "%s: its machine (%s) cannot be asked"
                      .formatted(seen.node().id(), seen.machine()),
                  "is it there, and may this user log in? restore.regions.%s.nodes"
                      .formatted(region.name())));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void name(RegionsConfig.PublicName name) {
    try {
      Optional<RecordSet> now = name.read();
      String text =
          "%s: %s"
              .formatted(name.words(), now.map(RecordSet::words).orElse("there is no such record"));
      exams.add(
          now.flatMap(RecordSet::ttl).filter(ttl -> ttl.compareTo(LONG_TTL) > 0).isPresent()
              ? Exam.warning("name", text, "clients go to a lost region for so long: 60 is usual")
              : Exam.ok("name", text));
    } catch (RecordException e) {
      exams.add(Exam.wrong("name", e, Exit.CONFIGURATION));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
