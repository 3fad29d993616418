package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig.CanaryConfig;
import dev.lifeboat.canary.Canary;
import dev.lifeboat.canary.CanaryException;
import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/// What a backup does with the canary, tried without leaving anything: rights say nothing of
/// whether the mount and the key are there.
final class CanaryExams {
  private static final String TOPIC = "canary";

  private final VaultNode active;
  private final Secret token;
  private final CanaryConfig canary;
  private final boolean ofRoot;
  private final List<Exam> exams = new ArrayList<>();
  private final Optional<String> dataPath;

  /// @param ofRoot whether the canary lies in the root namespace, the only one whose mounts and
  ///   capabilities `sys/` tells
  CanaryExams(VaultNode active, Secret token, CanaryConfig canary, boolean ofRoot) {
    this.active = active;
    this.token = token;
    this.canary = canary;
    this.ofRoot = ofRoot;
    this.dataPath = dataPath();
  }

  private Optional<String> dataPath() {
    try {
      return Optional.of(Canary.dataPath(active, token, canary.path()));
    } catch (CanaryException e) {
      exams.add(Exam.wrong(TOPIC, e, Exit.VAULT_DENIED));
    } catch (VaultException e) {
      exams.add(failed(e, canary.path()));
    }
    return Optional.empty();
  }

  /// What the token must be allowed to do, by path.
  Map<String, Set<String>> needed() {
    Map<String, Set<String>> needed = new LinkedHashMap<>();
    if (ofRoot) {
      dataPath.ifPresent(path -> needed.put(path, Set.of("create", "update", "read")));
      canary.transitKey().ifPresent(key -> needed.put(Canary.encryptPath(key), Set.of("update")));
    }
    return needed;
  }

  /// @param lacking the paths of which it is already said that the token may not
  List<Exam> tried(Predicate<String> lacking) {
    dataPath
        .filter(path -> !lacking.test(path))
        .ifPresent(
            path ->
                attempt(
                    canary.path(),
                    "%s: can be written and read".formatted(path),
                    () -> Canary.rehearse(active, token, path)));
    canary
        .transitKey()
        .filter(key -> !lacking.test(Canary.encryptPath(key)))
        .ifPresent(
            key ->
                attempt(
                    key, "%s: encrypts".formatted(key), () -> Canary.encrypt(active, token, key)));
    return List.copyOf(exams);
  }

  private void attempt(String path, String done, Runnable attempt) {
    try {
      attempt.run();
      exams.add(Exam.ok(TOPIC, done));
    } catch (CanaryException e) {
      exams.add(mountMissing(path).orElseGet(() -> Exam.wrong(TOPIC, e, Exit.VAULT_DENIED)));
    } catch (VaultException e) {
      exams.add(failed(e, path));
    }
  }

  /// A 403 means that there is no such mount, no such key or no such right.
  private Exam failed(VaultException e, String path) {
    if (e.reason() != VaultException.Reason.DENIED) {
      return Exam.wrong(TOPIC, e, VaultExams.exit(e));
    }
    return mountMissing(path)
        .or(() -> keyMissing(path))
        .orElseGet(() -> Exam.wrong(TOPIC, e, Exit.VAULT_DENIED));
  }

  private Optional<Exam> mountMissing(String path) {
    String hint =
        isSecret(path)
            ? "bao secrets enable -path=%s -version=2 kv, or correct backup.canary.path"
            : "bao secrets enable -path=%s transit, or correct backup.canary.transit-key";
    return mounts()
        .filter(mounts -> mount(mounts, path).isEmpty())
        .map(
            _ ->
                Exam.wrong(
                    TOPIC,
                    "%s: no mount is there".formatted(path),
                    hint.formatted(first(path)),
                    Exit.VAULT_DENIED));
  }

  /// Where the token may encrypt with the key and is denied it all the same, there is none: the
  /// server takes the request for one to make it.
  private Optional<Exam> keyMissing(String path) {
    return mounts()
        .flatMap(mounts -> mount(mounts, path))
        .filter(_ -> !isSecret(path) && mayEncrypt(path))
        .map(
            mount ->
                Exam.wrong(
                    TOPIC,
                    "%s: the mount '%s' has no such key".formatted(path, mount),
                    "bao write -f %skeys/%s, or correct backup.canary.transit-key"
                        .formatted(mount, path.substring(mount.length())),
                    Exit.VAULT_DENIED));
  }

  private boolean isSecret(String path) {
    return path.equals(canary.path());
  }

  private static Optional<String> mount(JsonNode mounts, String path) {
    return mounts.propertyNames().stream().filter(path::startsWith).findFirst();
  }

  private static String first(String path) {
    return path.substring(0, path.indexOf('/'));
  }

  /// By path, such as `secret/`; empty where the token may not ask.
  private Optional<JsonNode> mounts() {
    if (!ofRoot) {
      return Optional.empty();
    }
    try {
      return Optional.of(active.read("sys/mounts", token).path("data"));
    } catch (VaultException e) {
      return Optional.empty();
    }
  }

  private boolean mayEncrypt(String transitKey) {
    String path = Canary.encryptPath(transitKey);
    try {
      return active.capabilities(List.of(path), token).getOrDefault(path, Set.of()).stream()
          .anyMatch(Set.of("update", "root")::contains);
    } catch (VaultException e) {
      return false;
    }
  }
}
