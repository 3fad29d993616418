package dev.lifeboat.backup;

import dev.lifeboat.config.Section;
import dev.lifeboat.keys.RecipientKey;
import dev.lifeboat.kms.KmsConfig;
import dev.lifeboat.postgresql.PostgresqlConfig;
import dev.lifeboat.schedule.Schedule;
import dev.lifeboat.schedule.Slot;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreConfig;
import dev.lifeboat.vault.VaultConfig;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/// The `backup` block. Its presence makes an exporter an agent.
///
/// @param node this node's name in manifests and logs
/// @param auth its own credential, with the backup policy; the `vault` block's when absent
/// @param schedules by name, in the order of their lines; empty for runs by hand only
/// @param recipientsFile one [dev.lifeboat.keys.RecipientKey] a line
/// @param signingKeyFile this node's [dev.lifeboat.keys.SigningKey]
/// @param trustedSignersFile see [dev.lifeboat.keys.TrustedSigners]
/// @param identityFile a private key on this machine, for `verify` and `extract`; usually absent
/// @param coordination the name of the store that decides whose a slot is
/// @param verification of what is stored, by schedule
/// @param stores by name; at least one
/// @param kms keys of AWS KMS that can open backups, besides the recipients
/// @param kit what lies beside each backup
/// @param postgresql the database of a server that keeps its data there
/// @param claim how agents keep out of each other's way
public record BackupConfig(
    String node,
    Optional<VaultConfig.Auth> auth,
    Map<String, Schedule> schedules,
    Path spool,
    Duration stallTimeout,
    Path recipientsFile,
    Path signingKeyFile,
    Path trustedSignersFile,
    Optional<Path> identityFile,
    Optional<CanaryConfig> canary,
    String coordination,
    VerificationConfig verification,
    List<StoreConfig> stores,
    List<KmsConfig> kms,
    KitConfig kit,
    ClaimConfig claim,
    Optional<PostgresqlConfig> postgresql) {
  public BackupConfig {
    schedules = Collections.unmodifiableMap(new LinkedHashMap<>(schedules));
    stores = List.copyOf(stores);
    kms = List.copyOf(kms);
  }

  /// One without a key of KMS and without a kit.
  public BackupConfig(
      String node,
      Optional<VaultConfig.Auth> auth,
      Map<String, Schedule> schedules,
      Path spool,
      Duration stallTimeout,
      Path recipientsFile,
      Path signingKeyFile,
      Path trustedSignersFile,
      Optional<Path> identityFile,
      Optional<CanaryConfig> canary,
      String coordination,
      VerificationConfig verification,
      List<StoreConfig> stores) {
    this(
        node,
        auth,
        schedules,
        spool,
        stallTimeout,
        recipientsFile,
        signingKeyFile,
        trustedSignersFile,
        identityFile,
        canary,
        coordination,
        verification,
        stores,
        List.of(),
        KitConfig.NONE,
        ClaimConfig.DEFAULT,
        Optional.empty());
  }

  private static final Duration STALL_MIN = Duration.ofSeconds(1);
  private static final Duration STALL_MAX = Duration.ofMinutes(10);
  private static final Pattern CANARY_PATH = Pattern.compile("[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)+");

  public record CanaryConfig(String path, Optional<String> transitKey) {}

  /// A warning when only one key opens backups: lost, it takes all of them along. Empty when there
  /// are more.
  public Optional<String> loneRecipient() {
    List<RecipientKey> recipients = RecipientKey.readAll(recipientsFile);
    return recipients.size() + kms.size() > 1
        ? Optional.empty()
        : Optional.of(
            "backups are encrypted to one recipient only, %s\nhint: %s"
                .formatted(
                    recipients.getFirst().words(),
                    "add a second public line to %s: a lost key is a lost backup"
                        .formatted(recipientsFile)));
  }

  /// The stores that backups are written into.
  public List<StoreConfig> written() {
    return stores.stream().filter(StoreConfig::isWritten).toList();
  }

  /// The stores that get copies of another one.
  public List<StoreConfig> replicas() {
    return stores.stream().filter(store -> !store.isWritten()).toList();
  }

  /// The same, with Lifeboat's own configuration in the kit.
  public BackupConfig readFrom(Path file) {
    return new BackupConfig(
        node,
        auth,
        schedules,
        spool,
        stallTimeout,
        recipientsFile,
        signingKeyFile,
        trustedSignersFile,
        identityFile,
        canary,
        coordination,
        verification,
        stores,
        kms,
        kit.with(recipientsFile).with(trustedSignersFile).with(file),
        claim,
        postgresql);
  }

  /// Whether the nodes see each other's claims and manifests: not so in a folder, which mostly each
  /// has of its own.
  public boolean isCoordinated() {
    return stores.stream()
        .anyMatch(
            store ->
                store.name().equals(coordination) && !(store.where() instanceof StoreConfig.Local));
  }

  /// Whether a backup fails when this store fails.
  boolean requires(Store store) {
    return stores.stream()
        .noneMatch(config -> config.name().equals(store.name()) && !config.required());
  }

  /// @param backup the `backup` block
  /// @param stores the `stores` block
  public static BackupConfig from(Section backup, Section stores) {
    List<StoreConfig> places = stores(stores, backup.path("spool"));
    return new BackupConfig(
        backup.optionalText("node").orElseGet(BackupConfig::hostName),
        backup.has("auth")
            ? Optional.of(VaultConfig.Auth.from(backup.section("auth")))
            : Optional.empty(),
        schedules(backup.section("schedules")),
        backup.path("spool"),
        backup.duration("stall-timeout", STALL_MIN, STALL_MAX),
        backup.path("recipients-file"),
        backup.path("signing-key-file"),
        backup.path("trusted-signers-file"),
        backup.optionalPath("identity-file"),
        canary(backup.section("canary")),
        coordination(backup, places.stream().filter(StoreConfig::isWritten).toList()),
        VerificationConfig.from(backup.section("verification")),
        places,
        KmsConfig.readAll(backup.section("kms")),
        KitConfig.from(backup.section("kit")),
        ClaimConfig.from(backup.section("claim")),
        PostgresqlConfig.from(backup.section("postgresql")));
  }

  private static Map<String, Schedule> schedules(Section schedules) {
    List<String> names = schedules.names("");
    if (names.isEmpty()) {
      return Map.of("daily", Schedule.parse("0 2 * * *", ZoneId.of("UTC")));
    }
    Map<String, Schedule> read = new LinkedHashMap<>();
    for (String name : names) {
      if (!Slot.isName(name)) {
        schedules.problem(
            name,
            "'%s' is no name for a schedule".formatted(name),
            "1 to 32 lower-case letters, digits and dashes, the first a letter; it is part of the"
                + " names of backups");
      }
      schedule(schedules.section(name)).ifPresent(schedule -> read.put(name, schedule));
    }
    return read;
  }

  private static String coordination(Section backup, List<StoreConfig> stores) {
    Optional<String> named = backup.optionalText("coordination");
    if (named.isPresent() && stores.stream().noneMatch(s -> s.name().equals(named.get()))) {
      backup.problem(
          "coordination",
          "there is no store '%s' that backups are written into".formatted(named.get()),
          "one of " + String.join(", ", stores.stream().map(StoreConfig::name).toList()));
    }
    return named.orElseGet(
        () ->
            stores.stream()
                .min(
                    Comparator.comparing((StoreConfig s) -> s.where() instanceof StoreConfig.Local)
                        .thenComparing(s -> !s.required()))
                .orElseThrow()
                .name());
  }

  private static Optional<Schedule> schedule(Section schedule) {
    Optional<String> cron = schedule.optionalText("cron");
    String zone = schedule.has("zone") ? schedule.text("zone") : "UTC";
    if (cron.isEmpty() && schedule.has("zone")) {
      schedule.problem("zone", "a time zone without `cron`", "'0 2 * * *' is every day at 02:00");
    }
    ZoneId zoneId = ZoneOffset.UTC;
    try {
      zoneId = ZoneId.of(zone);
    } catch (DateTimeException e) {
      schedule.problem(
          "zone",
          "'%s' is no time zone".formatted(zone),
          "a name such as UTC or Europe/Berlin, see: timedatectl list-timezones");
    }
    try {
      return cron.isPresent() ? Optional.of(Schedule.parse(cron.get(), zoneId)) : Optional.empty();
    } catch (IllegalArgumentException e) {
      schedule.problem(
          "cron",
          String.valueOf(e.getMessage()),
          "'0 2 * * *' is every day at 02:00; null turns it off");
      return Optional.empty();
    }
  }

  private static Optional<CanaryConfig> canary(Section canary) {
    Optional<String> path = canary.optionalText("path");
    Optional<String> transitKey = canary.optionalText("transit-key");
    path.filter(text -> !CANARY_PATH.matcher(text).matches())
        .ifPresent(
            text ->
                canary.problem(
                    "path",
                    "'%s' is no path of a secret".formatted(text),
                    "mount first, no slash around it and no data/: secret/lifeboat/canary"));
    transitKey
        .filter(text -> !CANARY_PATH.matcher(text).matches())
        .ifPresent(
            text ->
                canary.problem(
                    "transit-key",
                    "'%s' is no transit key".formatted(text),
                    "MOUNT/KEY, such as transit/lifeboat-canary"));
    if (path.isEmpty() && transitKey.isPresent()) {
      canary.problem(
          "transit-key",
          "a transit key without a path: its ciphertext would be kept nowhere",
          "set backup.canary.path as well");
    }
    return path.map(text -> new CanaryConfig(text, transitKey));
  }

  private static List<StoreConfig> stores(Section stores, Path spool) {
    List<StoreConfig> configs = StoreConfig.readAll(stores);
    for (StoreConfig config : configs) {
      if (config.where() instanceof StoreConfig.Local(Path path)
          && path.equals(spool.normalize())) {
        Section place = stores.has(config.name()) ? stores.section(config.name()) : stores;
        place.problem(
            stores.has(config.name()) ? "path" : config.name(),
            "the folder of the spool itself",
            "give the store its own folder");
      }
    }
    return configs;
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      // The machine does not resolve its own name.
      return Objects.requireNonNullElse(System.getenv("HOSTNAME"), "localhost");
    }
  }
}
