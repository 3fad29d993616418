package dev.lifeboat.daemon;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.collector.CollectorsConfig;
import dev.lifeboat.config.ConfigException;
import dev.lifeboat.config.ConfigFile;
import dev.lifeboat.config.Problem;
import dev.lifeboat.config.Section;
import dev.lifeboat.http.HttpConfig;
import dev.lifeboat.notify.NotifyConfig;
import dev.lifeboat.objective.Objectives;
import dev.lifeboat.rekey.RekeyConfig;
import dev.lifeboat.restore.RestoreConfig;
import dev.lifeboat.unseal.UnsealConfig;
import dev.lifeboat.vault.VaultConfig;
import dev.lifeboat.watch.WatchConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The whole of `lifeboat.conf`.
///
/// @param collectors what is looked at besides the node's state
/// @param backup present when the file has a `backup` block
/// @param objectives what may be lost, and how long recovery may take
/// @param unseal where shares are found; only the command line looks at it
/// @param restore the nodes of the cluster, and how they are got at; likewise
/// @param rekey how new shares are made, and how often they have to be
/// @param notifyTargets who is told of what happens to backups
public record LifeboatConfig(
    VaultConfig vault,
    WatchConfig watch,
    CollectorsConfig collectors,
    HttpConfig http,
    Optional<BackupConfig> backup,
    List<NotifyConfig> notifyTargets,
    Objectives objectives,
    UnsealConfig unseal,
    RestoreConfig restore,
    RekeyConfig rekey,
    Path controlSocket,
    LogLines.Threshold logLevel) {

  /// @param environment of the process, for `{ env = … }` and `{ credential = … }`
  /// @throws ConfigException with every problem at once
  public static LifeboatConfig read(Path file, Map<String, String> environment) {
    try {
      return ConfigFile.read(file, reference(), environment, root -> from(root, file));
    } catch (ConfigException e) {
      throw new ConfigException(withoutDetails(e.problems()));
    }
  }

  /// The same with other nodes to be got back.
  public LifeboatConfig with(RestoreConfig newRestore) {
    return new LifeboatConfig(
        vault,
        watch,
        collectors,
        http,
        backup,
        notifyTargets,
        objectives,
        unseal,
        newRestore,
        rekey,
        controlSocket,
        logLevel);
  }

  /// The same for another node.
  public LifeboatConfig at(VaultConfig there) {
    return new LifeboatConfig(
        there,
        watch,
        collectors,
        http,
        backup,
        notifyTargets,
        objectives,
        unseal,
        restore,
        rekey,
        controlSocket,
        logLevel);
  }

  /// What is wrong inside a block that is wrong as a whole is not worth a further word.
  private static List<Problem> withoutDetails(List<Problem> problems) {
    return problems.stream()
        .filter(
            detail ->
                problems.stream()
                    .noneMatch(
                        whole ->
                            !whole.key().isEmpty() && detail.key().startsWith(whole.key() + ".")))
        .toList();
  }

  /// The same path, and then every file that the configuration names: keys, certificates, secrets.
  public static LifeboatConfig check(Path file, Map<String, String> environment) {
    try {
      return ConfigFile.read(
          file,
          reference(),
          environment,
          root -> {
            LifeboatConfig config = from(root, file);
            new NamedFiles(root).check(config);
            return config;
          });
    } catch (ConfigException all) {
      throw new ConfigException(withoutEchoes(all.problems(), mistakes(file, environment)));
    }
  }

  private static List<Problem> mistakes(Path file, Map<String, String> environment) {
    try {
      LifeboatConfig ignored = read(file, environment);
      return List.of();
    } catch (ConfigException own) {
      return own.problems();
    }
  }

  /// A wrong value has a placeholder, and the placeholder's file is of no interest: leaves out what
  /// was said of a file under a key that is wrong already.
  private static List<Problem> withoutEchoes(List<Problem> all, List<Problem> mistakes) {
    return all.stream()
        .filter(
            problem ->
                mistakes.contains(problem)
                    || mistakes.stream().noneMatch(mistake -> related(mistake, problem)))
        .toList();
  }

  private static boolean related(Problem mistake, Problem problem) {
    return (mistake.key() + ".").startsWith(problem.key() + ".")
        || (problem.key() + ".").startsWith(mistake.key() + ".");
  }

  private static LifeboatConfig from(Section root, Path file) {
    VaultConfig vault = VaultConfig.from(root.section("vault"));
    WatchConfig watch = WatchConfig.from(root.section("watch"));
    CollectorsConfig collectors = CollectorsConfig.from(root.section("collectors"), vault);
    HttpConfig http = HttpConfig.from(root.section("http"));
    Optional<BackupConfig> backup =
        root.has("backup")
            ? Optional.of(
                BackupConfig.from(root.section("backup"), root.section("stores"))
                    .readFrom(file.toAbsolutePath()))
            : Optional.empty();
    if (backup.isEmpty() && root.has("stores")) {
      root.problem(
          "stores", "has no effect without a backup block", "add backup { … }, or remove it");
    }
    List<NotifyConfig> notify = NotifyConfig.readAll(root.section("notify"));
    if (backup.isEmpty() && !notify.isEmpty()) {
      root.problem(
          "notify", "has no effect without a backup block", "add backup { … }, or remove it");
    }
    Objectives objectives = Objectives.from(root.section("objectives"));
    if (backup.isEmpty() && !objectives.targets().isEmpty()) {
      root.problem(
          "objectives", "has no effect without a backup block", "add backup { … }, or remove it");
    }
    Path socket = socket(root.section("control"));
    Section log = root.section("log");
    return new LifeboatConfig(
        vault,
        watch,
        collectors,
        http,
        backup,
        notify,
        objectives,
        UnsealConfig.from(root.section("unseal")),
        RestoreConfig.from(root.section("restore")),
        RekeyConfig.from(root.section("rekey")),
        socket,
        log.choice("level", LogLines.Threshold.class));
  }

  private static Path socket(Section control) {
    Path socket = control.path("socket");
    if (!ControlSocket.fits(socket)) {
      control.problem("socket", "is longer than a Unix socket's path can be, 107 bytes", "");
    }
    return socket;
  }

  /// The reference document: every key with its default.
  static String reference() {
    try (InputStream in = LifeboatConfig.class.getResourceAsStream("/reference.conf")) {
      if (in == null) {
        throw new IllegalStateException("reference.conf is not on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
