package dev.lifeboat.store;

import dev.lifeboat.config.ByteSize;
import dev.lifeboat.config.Section;
import dev.lifeboat.retention.Period;
import dev.lifeboat.retention.RetentionPolicy;
import dev.lifeboat.retention.Rule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// One block below `stores`.
///
/// @param name of the block, and the `destination` label
/// @param required whether a backup fails when this store does not take it
/// @param retention what stays in it
/// @param replica present: backups are copied into it from another store
public record StoreConfig(
    String name,
    boolean required,
    Where where,
    RetentionPolicy retention,
    Optional<ReplicaOf> replica) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,31}");
  private static final ByteSize PACE_MIN = new ByteSize(64 << 10);
  private static final ByteSize PACE_MAX = new ByteSize(1L << 40);

  /// What there is when no store is configured.
  public static final StoreConfig DEFAULT =
      new StoreConfig("local", true, new Local(Path.of("/var/lib/lifeboat/store")));

  /// Of a local store beside another kind of store: its backups are only there to be near.
  static final RetentionPolicy NEAR =
      new RetentionPolicy(
          List.of(new Rule.Within(Period.ALL, Duration.ofDays(7))),
          RetentionPolicy.MAX_SHARE_PERCENT);

  /// One that keeps everything.
  public StoreConfig(String name, boolean required, Where where) {
    this(name, required, where, RetentionPolicy.FOR_EVER, Optional.empty());
  }

  /// Whether backups are written into it, and not copied from another store.
  public boolean isWritten() {
    return replica.isEmpty();
  }

  /// Where the objects are. In the configuration `type = local | …`.
  public sealed interface Where permits Local, S3Config, SftpConfig {
    /// The same text for two blocks that mean the same place.
    String place();

    /// Every such place: that of what else belongs to the store as well.
    default Set<String> places() {
      return Set.of(place());
    }
  }

  /// A folder of this machine.
  public record Local(Path path) implements Where {
    @Override
    public String place() {
      return path.toString();
    }
  }

  private enum Type {
    LOCAL,
    S3,
    SFTP
  }

  /// Every store of the `stores` block in the order of its lines, [#DEFAULT] when it is empty.
  public static List<StoreConfig> readAll(Section stores) {
    List<String> names = stores.names("");
    if (names.isEmpty()) {
      return List.of(DEFAULT);
    }
    List<StoreConfig> configs = new ArrayList<>();
    for (String name : names) {
      Section block = stores.section(name);
      if (!NAME.matcher(name).matches()) {
        stores.problem(
            name,
            "'%s' is no name for a store".formatted(name),
            "1 to 32 lower-case letters, digits and dashes; it becomes a metric label");
      }
      Optional<ReplicaOf> replica = replica(block);
      boolean required = block.has("required") ? block.flag("required") : replica.isEmpty();
      Where where =
          switch (block.choice("type", Type.class)) {
            case LOCAL -> new Local(block.path("path").normalize());
            case S3 -> S3Syntax.read(block);
            case SFTP -> SftpConfig.from(block);
          };
      refuseShared(block, where, configs);
      RetentionPolicy retention = RetentionPolicy.from(block.section("retention"));
      configs.add(new StoreConfig(name, required, where, retention, replica));
    }
    configs.forEach(config -> requireSource(config, configs, stores.section(config.name())));
    if (configs.stream().filter(StoreConfig::isWritten).noneMatch(StoreConfig::required)) {
      stores.problem(
          configs.getFirst().name(),
          "no store is required: a backup that none of them took would not be a failure",
          "leave out `required = false` in at least one block");
    }
    return withDefaults(configs, stores);
  }

  /// A store that is the only place keeps everything unless told otherwise: nobody loses a backup
  /// by not having read about retention.
  static List<StoreConfig> withDefaults(List<StoreConfig> configs, Section stores) {
    boolean elsewhere = configs.stream().anyMatch(config -> !(config.where() instanceof Local));
    return configs.stream()
        .map(
            config ->
                elsewhere
                        && config.where() instanceof Local
                        && !stores.section(config.name()).has("retention")
                    ? new StoreConfig(
                        config.name(), config.required(), config.where(), NEAR, config.replica())
                    : config)
        .toList();
  }

  private static Optional<ReplicaOf> replica(Section block) {
    if (!block.has("replicate-from")) {
      return Optional.empty();
    }
    if (block.has("required") && block.flag("required")) {
      block.problem(
          "required",
          "a store with replicate-from is not written by a backup, so none can require it",
          "leave `required` out");
    }
    Optional<ByteSize> pace =
        block.has("bytes-per-second")
            ? Optional.of(block.size("bytes-per-second", PACE_MIN, PACE_MAX))
            : Optional.empty();
    return Optional.of(new ReplicaOf(block.text("replicate-from"), pace));
  }

  private static void requireSource(StoreConfig config, List<StoreConfig> all, Section block) {
    if (config.isWritten()) {
      return;
    }
    String source = config.replica().orElseThrow().source();
    Optional<StoreConfig> named = all.stream().filter(s -> s.name().equals(source)).findFirst();
    String written =
        String.join(
            ", ", all.stream().filter(StoreConfig::isWritten).map(StoreConfig::name).toList());
    if (named.isEmpty()) {
      block.problem(
          "replicate-from", "there is no store '%s'".formatted(source), "one of " + written);
    } else if (!named.get().isWritten()) {
      block.problem(
          "replicate-from",
          "'%s' gets copies itself".formatted(source),
          "copy from a store that backups are written into: " + written);
    } else if (config.where() instanceof Local) {
      block.problem(
          "replicate-from",
          "a folder of this machine is another one on each node",
          "copy into a store that all nodes share, or write into the folder: leave this out");
    }
  }

  private static void refuseShared(Section block, Where where, List<StoreConfig> before) {
    for (StoreConfig other : before) {
      if (!Collections.disjoint(other.where().places(), where.places())) {
        switch (where) {
          case Local _ ->
              block.problem(
                  "path",
                  "the same folder as store '%s'".formatted(other.name()),
                  "one folder holds one store");
          case S3Config _ ->
              block.problem(
                  other.where().places().contains(where.place()) ? "bucket" : "control-bucket",
                  "the same bucket and prefix as store '%s'".formatted(other.name()),
                  "give each store a prefix of its own");
          case SftpConfig _ ->
              block.problem(
                  "path",
                  "the same folder as store '%s'".formatted(other.name()),
                  "one folder holds one store");
        }
        return;
      }
    }
  }
}
