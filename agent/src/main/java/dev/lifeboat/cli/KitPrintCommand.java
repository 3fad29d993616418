package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.RecipientKey;
import dev.lifeboat.keys.SignerKey;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.kms.KmsConfig;
import dev.lifeboat.status.Printable;
import dev.lifeboat.store.S3Config;
import dev.lifeboat.store.SftpConfig;
import dev.lifeboat.store.StoreConfig;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `lifeboat kit print`: a card for the safe.
@Command(
    name = "print",
    header = "Print a page for the safe: where the backups are and what opens them.",
    description = {
      "From the configuration and the files of public keys that it names; asks nobody, so it works",
      "while Vault and the stores are away. Holds no secret. Print it anew when a store or a key",
      "changes, and keep it beside the private keys."
    })
final class KitPrintCommand implements Verb {
  private static final int WIDTH = 80;
  private static final int LINES_MAX = 60;

  @Mixin private final ConfigOption config = new ConfigOption();

  @Override
  public Exit run(Surroundings surroundings) {
    BackupConfig backup = config.backup(config.read(surroundings), surroundings);
    List<String> lines = card(backup, Words.utc(surroundings.clock().instant()));
    lines.forEach(line -> surroundings.out().println(Printable.of(line)));
    return Exit.OK;
  }

  private static List<String> card(BackupConfig config, String now) {
    List<String> head = new ArrayList<>();
    head.add("VAULT RECOVERY CARD   by %s, %s UTC".formatted(config.node(), now));
    head.add("=".repeat(WIDTH));
    head.add("Backups are in");
    config.stores().forEach(store -> head.add("  %-12s %s".formatted(store.name(), place(store))));
    head.add("");
    head.add("Opened by the private half of one of these (id: first 16 hex digits of SHA-256)");
    recipients(config).forEach(line -> head.add("  " + line));
    config.kms().forEach(kms -> head.add("  " + kms(kms)));
    head.add("Signed by");
    signers(config).forEach(line -> head.add("  " + line));
    if (!config.kit().custodians().isEmpty()) {
      head.add("Shares of the unseal or recovery key are with");
      config.kit().custodians().forEach(name -> head.add("  " + name));
    }
    List<String> foot = List.of(COMMANDS.stripTrailing().split("\n"));
    List<String> lines = new ArrayList<>();
    int room = LINES_MAX - foot.size() - 1;
    if (head.size() > room) {
      lines.addAll(head.subList(0, room - 1));
      lines.add("  … %d lines more: lifeboat.conf".formatted(head.size() - room + 1));
    } else {
      lines.addAll(head);
    }
    lines.add("");
    lines.addAll(foot);
    return lines.stream().map(KitPrintCommand::cut).toList();
  }

  private static final String COMMANDS =
      """
      WITH LIFEBOAT, on any machine, with lifeboat.conf and the private key:
        lifeboat list                              what there is
        lifeboat verify ID --identity KEY          is it whole
        lifeboat extract ID -o vault.snap --identity KEY
        lifeboat kit extract ID -o kit --identity KEY   configuration, TLS files
      WITHOUT, with Python 3, docs/recover.py and one backup's objects in a folder
      (NAME.manifest, which says "id"; ID.data, ID.kit, ID.*.key):
        pip install -r recover-requirements.txt
        python3 recover.py --manifest NAME.manifest --identity KEY
          --signers trusted-signers --out vault.snap
        the same with --kit --out kit.tar, then: tar xf kit.tar
      THEN, on one new, empty node, initialised with the same shares and threshold:
        bao operator raft snapshot restore -force vault.snap      (or: vault)
        unseal it with the OLD shares or the old auto-unseal key; then join the others
      """;

  private static String place(StoreConfig store) {
    String place =
        switch (store.where()) {
          case StoreConfig.Local(var path) -> "folder %s on each node".formatted(path);
          case S3Config s3 ->
              "s3://%s/%s %s%s"
                  .formatted(
                      s3.bucket(),
                      s3.prefix(),
                      s3.region().orElse(""),
                      s3.endpoint().map(endpoint -> " at " + endpoint).orElse(""));
          case SftpConfig sftp -> sftp.place();
        };
    return store
        .replica()
        .map(replica -> place + ", copies of " + replica.source())
        .orElse(place)
        .strip();
  }

  private static List<String> recipients(BackupConfig config) {
    try {
      return RecipientKey.readAll(config.recipientsFile()).stream()
          .map(key -> "%s  %s".formatted(key.id(), key.comment()))
          .toList();
    } catch (KeyException e) {
      return List.of("unknown here: %s cannot be read".formatted(config.recipientsFile()));
    }
  }

  private static List<String> signers(BackupConfig config) {
    try {
      return TrustedSigners.read(config.trustedSignersFile()).all().stream()
          .map(KitPrintCommand::signer)
          .toList();
    } catch (KeyException e) {
      return List.of("unknown here: %s cannot be read".formatted(config.trustedSignersFile()));
    }
  }

  private static String signer(SignerKey key) {
    return "%s  %s".formatted(key.id(), key.node());
  }

  private static String kms(KmsConfig kms) {
    return "AWS KMS %s%s".formatted(kms.key(), kms.region().map(r -> " in " + r).orElse(""));
  }

  private static String cut(String line) {
    return line.length() > WIDTH ? line.substring(0, WIDTH - 1) + "…" : line;
  }

  @Override
  public Set<Exit> exits() {
    return EnumSet.of(Exit.CONFIGURATION);
  }
}
