package dev.lifeboat.daemon;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.collector.CollectorsConfig;
import dev.lifeboat.config.SecretException;
import dev.lifeboat.config.SecretSource;
import dev.lifeboat.config.Section;
import dev.lifeboat.http.HttpConfig;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.ProtectedIdentity;
import dev.lifeboat.keys.RecipientIdentity;
import dev.lifeboat.keys.RecipientKey;
import dev.lifeboat.keys.SignerKey;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.kms.KmsConfig;
import dev.lifeboat.notify.NotifyConfig;
import dev.lifeboat.postgresql.PostgresqlConfig;
import dev.lifeboat.restore.NodeConfig;
import dev.lifeboat.restore.RegionsConfig;
import dev.lifeboat.restore.RestoreConfig;
import dev.lifeboat.route53.Zone;
import dev.lifeboat.ssh.HostKey;
import dev.lifeboat.ssh.SshLogin;
import dev.lifeboat.store.S3Config;
import dev.lifeboat.store.SftpConfig;
import dev.lifeboat.store.StoreConfig;
import dev.lifeboat.vault.RequestObserver;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.vault.VaultConfig;
import dev.lifeboat.vault.VaultException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.Optional;

/// Reads every file that a configuration names, and says of each that is not what it should be
/// where the configuration names it.
final class NamedFiles {
  private final Section root;

  NamedFiles(Section root) {
    this.root = root;
  }

  void check(LifeboatConfig config) {
    vault(config.vault());
    probe(config.collectors());
    http(config.http());
    config.backup().ifPresent(this::backup);
    config.notifyTargets().forEach(this::notified);
    // Shares and the credentials to them are for a person's eyes, perhaps on a medium in a safe.
    Section aws = root.section("unseal").section("aws");
    config.rekey().auth().ifPresent(auth -> auth(root.section("rekey").section("auth"), auth));
    config.unseal().aws().caFile().ifPresent(file -> certificate(aws, "ca-file", file));
    restore(config.restore());
  }

  private void restore(RestoreConfig restore) {
    Section block = root.section("restore");
    restore.auth().ifPresent(auth -> auth(block.section("auth"), auth));
    restore.postgresql().ifPresent(database -> postgresql(block.section("postgresql"), database));
    nodes(block.section("nodes"), restore.nodes());
    for (RegionsConfig.Region region : restore.regions().all()) {
      Section nodes = block.section("regions").section(region.name()).section("nodes");
      nodes(nodes, region.nodes());
    }
    restore.scratch().ifPresent(node -> machine(block.section("scratch"), node));
    restore.regions().name().ifPresent(name -> zone(block.section("record"), name.zone()));
  }

  private void nodes(Section blocks, List<NodeConfig> nodes) {
    nodes.forEach(node -> machine(blocks.section(node.id()), node));
  }

  private void machine(Section block, NodeConfig node) {
    node.machine().ssh().ifPresent(login -> ssh(block.section("ssh"), login));
  }

  private void zone(Section block, Zone zone) {
    zone.login().caFile().ifPresent(file -> certificate(block, "ca-file", file));
    credentials(block, zone.credentials());
  }

  private void notified(NotifyConfig target) {
    Section block = root.section("notify").section(target.name());
    switch (target.where()) {
      case NotifyConfig.Command(var line) -> {
        if (!Files.isExecutable(Path.of(line.getFirst()))) {
          block.problem("command", line.getFirst() + " is no program that may be run", "chmod 755");
        }
      }
      case NotifyConfig.Webhook(var url, var headers, var caFile) -> {
        caFile.ifPresent(file -> certificate(block, "ca-file", file));
        if (block.has("url-secret")) {
          secret(block, "url-secret", url);
        }
        headers.forEach((name, source) -> secret(block.section("headers"), name, source));
      }
    }
  }

  private void vault(VaultConfig vault) {
    Section tls = root.section("vault").section("tls");
    boolean readable = readable(tls, "ca-file", vault.tls().caFile());
    readable &= readable(tls, "certificate-file", vault.tls().certificateFile());
    readable &= readable(tls, "private-key-file", vault.tls().privateKeyFile());
    if (readable) {
      try (VaultClient _ = VaultClient.open(vault, RequestObserver.NONE)) {
        // Opening it has read them all.
      } catch (VaultException e) {
        report(root.section("vault"), "tls", e);
      }
    }
    auth(root.section("vault").section("auth"), vault.auth());
  }

  private void probe(CollectorsConfig collectors) {
    Section block = root.section("collectors").section("probe");
    if (block.has("ca-file")) {
      collectors
          .probe()
          .flatMap(probe -> probe.frontDoor().tls().caFile())
          .ifPresent(file -> certificate(block, "ca-file", file));
    }
  }

  private void auth(Section section, VaultConfig.Auth auth) {
    switch (auth) {
      case VaultConfig.Auth.None() -> {}
      case VaultConfig.Auth.Token(SecretSource token) -> secret(section, "token", token);
      case VaultConfig.Auth.AppRole(String _, SecretSource roleId, SecretSource secretId) -> {
        Section approle = section.section("approle");
        secret(approle, "role-id", roleId);
        secret(approle, "secret-id", secretId);
      }
      // Its certificate is that of the TLS block.
      case VaultConfig.Auth.Certificate(String _, Optional<String> _) -> {}
    }
  }

  private void http(HttpConfig http) {
    if (http.tls().isEmpty()) {
      return;
    }
    HttpConfig.Tls tls = http.tls().get();
    Section section = root.section("http").section("tls");
    certificate(section, "certificate-file", tls.certificateFile());
    boolean ignored = readable(section, "private-key-file", Optional.of(tls.privateKeyFile()));
    tls.clientCaFile().ifPresent(file -> certificate(section, "client-ca-file", file));
  }

  private void certificate(Section section, String key, Path file) {
    if (!readable(section, key, Optional.of(file))) {
      return;
    }
    try (InputStream in = Files.newInputStream(file)) {
      if (CertificateFactory.getInstance("X.509").generateCertificates(in).isEmpty()) {
        section.problem(key, file + " holds no certificate", "it must be PEM");
      }
    } catch (CertificateException e) {
      section.problem(key, file + " holds no certificate", "it must be PEM");
    } catch (IOException e) {
      section.problem(key, Reasons.of(e), "");
    }
  }

  private void backup(BackupConfig backup) {
    Section section = root.section("backup");
    backup.auth().ifPresent(auth -> auth(section.section("auth"), auth));
    key(section, "recipients-file", () -> RecipientKey.readAll(backup.recipientsFile()));
    Optional<SigningKey> signing =
        key(section, "signing-key-file", () -> SigningKey.read(backup.signingKeyFile()));
    Optional<TrustedSigners> signers =
        key(
            section,
            "trusted-signers-file",
            () -> TrustedSigners.read(backup.trustedSignersFile()));
    if (signing.isPresent() && signers.isPresent()) {
      SignerKey own = signing.get().signer();
      if (signers.get().all().stream().noneMatch(signer -> signer.id().equals(own.id()))) {
        section.problem(
            "trusted-signers-file",
            "%s does not hold this node's own key %s: its backups would not be trusted"
                .formatted(backup.trustedSignersFile(), own.id()),
            "append its public line, which `lifeboat keys show %s` prints"
                .formatted(backup.signingKeyFile()));
      }
    }
    backup.identityFile().ifPresent(file -> key(section, "identity-file", () -> identity(file)));
    backup.stores().forEach(this::store);
    backup.kms().forEach(this::kms);
    backup
        .postgresql()
        .ifPresent(database -> postgresql(root.section("backup").section("postgresql"), database));
  }

  /// Nobody is asked for a passphrase here.
  private static RecipientKey identity(Path file) {
    return ProtectedIdentity.isProtected(file)
        ? ProtectedIdentity.recipient(file)
        : RecipientIdentity.read(file).recipient();
  }

  private void store(StoreConfig store) {
    switch (store.where()) {
      case StoreConfig.Local _ -> {}
      case SftpConfig sftp -> ssh(root.section("stores").section(store.name()), sftp.login());
      case S3Config s3 -> {
        Section block = root.section("stores").section(store.name());
        s3.caFile().ifPresent(file -> certificate(block, "ca-file", file));
        credentials(block, s3.credentials());
      }
    }
  }

  private void ssh(Section block, SshLogin login) {
    boolean ignored =
        switch (login.hostKey()) {
          case HostKey.Pinned _ -> true;
          case HostKey.KnownHosts(Path file) ->
              readable(block, "known-hosts-file", Optional.of(file));
        };
    ignored = readable(block, "private-key-file", Optional.of(login.privateKeyFile()));
    ignored = readable(block, "certificate-file", login.certificateFile());
    login.passphrase().ifPresent(source -> secret(block, "passphrase", source));
  }

  private void credentials(Section block, S3Config.Credentials credentials) {
    switch (credentials) {
      case S3Config.Credentials.Default _, S3Config.Credentials.Profile _ -> {}
      case S3Config.Credentials.Files(var access, var secret, var session) -> {
        secret(block, "access-key", access);
        secret(block, "secret-key", secret);
        session.ifPresent(source -> secret(block, "session-token", source));
      }
      case S3Config.Credentials.WebIdentity(String _, Path tokenFile) -> {
        boolean ignored = readable(block, "token-file", Optional.of(tokenFile));
      }
    }
  }

  private void kms(KmsConfig kms) {
    Section block = root.section("backup").section("kms").section(kms.name());
    kms.caFile().ifPresent(file -> certificate(block, "ca-file", file));
    credentials(block, kms.credentials());
    kms.decrypt().ifPresent(second -> credentials(block.section("decrypt"), second));
  }

  private void postgresql(Section block, PostgresqlConfig postgresql) {
    postgresql.caFile().ifPresent(file -> certificate(block, "ca-file", file));
    postgresql.password().ifPresent(source -> secret(block, "password", source));
  }

  private interface Reader<T> {
    T read();
  }

  private <T> Optional<T> key(Section section, String key, Reader<T> reader) {
    try {
      return Optional.of(reader.read());
    } catch (KeyException e) {
      report(section, key, e);
      return Optional.empty();
    }
  }

  private void secret(Section section, String key, SecretSource source) {
    try {
      var ignored = source.read();
    } catch (SecretException e) {
      report(section, key, e);
    }
  }

  private static boolean readable(Section section, String key, Optional<Path> file) {
    if (file.isEmpty()) {
      return true;
    }
    try (InputStream in = Files.newInputStream(file.get())) {
      int ignored = in.read();
      return true;
    } catch (IOException e) {
      section.problem(key, Reasons.of(e), "");
      return false;
    }
  }

  /// An operating error's message carries its hint on a line of its own.
  private static void report(Section section, String key, RuntimeException e) {
    String[] lines = String.valueOf(e.getMessage()).split("\nhint: ", 2);
    section.problem(key, lines[0], lines.length > 1 ? lines[1] : "");
  }
}
