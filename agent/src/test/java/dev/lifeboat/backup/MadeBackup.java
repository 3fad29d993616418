package dev.lifeboat.backup;

import dev.lifeboat.archive.Container;
import dev.lifeboat.archive.SnapshotFacts;
import dev.lifeboat.canary.Canary;
import dev.lifeboat.keys.DataKey;
import dev.lifeboat.keys.RecipientKey;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.keys.WrappedKey;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// A backup put together by hand, so that each object of it can be made wrong.
///
/// @param document the signed manifest
public record MadeBackup(
    BackupId id, DataKey dataKey, byte[] data, Manifest manifest, byte[] document, SigningKey by) {
  /// The outcome of a run that stored something, for whoever only looks at its kind.
  public static BackupOutcome stored() {
    String id = "20261122T020001Z-00000000";
    Manifest manifest = of(id, SigningKey.generate("node-1"), List.of()).manifest();
    return new BackupOutcome.Stored(manifest, Duration.ofSeconds(1), Map.of());
  }

  static byte[] snapshot() {
    return snapshot("openbao-2.7.2.snap");
  }

  static byte[] snapshot(String name) {
    try (InputStream in = MadeBackup.class.getResourceAsStream("/dev/lifeboat/archive/" + name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static MadeBackup of(String id, SigningKey by, List<RecipientKey> recipients) {
    DataKey key = DataKey.generate();
    var data = new ByteArrayOutputStream();
    Container.Written written =
        Container.seal(new ByteArrayInputStream(snapshot()), data, key, id, _ -> {});
    Container.Sealed sealed =
        Container.prove(new ByteArrayInputStream(data.toByteArray()), key, id, written);
    Manifest manifest = manifest(id, sealed, recipients);
    byte[] document = by.sign(manifest.toJson());
    return new MadeBackup(new BackupId(id), key, data.toByteArray(), manifest, document, by);
  }

  /// A scheduled one, taken then.
  public static MadeBackup at(Instant takenAt, SigningKey by, List<RecipientKey> recipients) {
    MadeBackup made = of(id(takenAt), by, recipients);
    Manifest manifest = at(made.manifest(), made.id().text(), takenAt);
    return new MadeBackup(
        made.id(), made.dataKey(), made.data(), manifest, by.sign(manifest.toJson()), by);
  }

  /// The same of a cluster that had no other nodes, and this seal.
  public MadeBackup sealedBy(String seal, int shares, int threshold) {
    return sealedBy(
        new Manifest.Seal(seal, "raft", shares, threshold, Optional.empty(), Optional.empty()));
  }

  /// Of another term of the barrier key.
  public MadeBackup sealedBy(Manifest.Seal seal) {
    Manifest m = manifest;
    Manifest other =
        new Manifest(
            m.type(),
            m.id(),
            m.cluster(),
            m.node(),
            m.takenFrom(),
            m.slot(),
            m.startedAt(),
            m.takenAt(),
            m.raft(),
            m.plain(),
            m.stored(),
            m.recipients(),
            seal,
            List.of(),
            m.canary(),
            m.mounts(),
            m.counts(),
            m.lifeboatVersion());
    return new MadeBackup(id, dataKey, data, other, by.sign(other.toJson()), by);
  }

  /// The same as a backup of a schedule's slot, which gives its manifest another name.
  MadeBackup scheduled(String schedule) {
    Manifest m = manifest;
    Manifest named =
        new Manifest(
            m.type(),
            m.id(),
            m.cluster(),
            m.node(),
            m.takenFrom(),
            m.slot(),
            m.startedAt(),
            m.takenAt(),
            m.raft(),
            m.plain(),
            m.stored(),
            m.recipients(),
            m.seal(),
            m.peers(),
            m.canary(),
            m.mounts(),
            m.counts(),
            m.lifeboatVersion(),
            m.label(),
            Optional.of(schedule),
            m.kit());
    return new MadeBackup(id, dataKey, data, named, by.sign(named.toJson()), by);
  }

  public static String id(Instant takenAt) {
    return takenAt.toString().replaceAll("[-:]|\\.\\d+", "") + "-0000000a";
  }

  static Manifest at(Manifest m, String id, Instant takenAt) {
    return new Manifest(
        m.type(),
        id,
        m.cluster(),
        m.node(),
        m.takenFrom(),
        Optional.of(takenAt.truncatedTo(ChronoUnit.HOURS)),
        takenAt,
        takenAt,
        m.raft(),
        m.plain(),
        m.stored(),
        m.recipients(),
        m.seal(),
        m.peers(),
        m.canary(),
        m.mounts(),
        m.counts(),
        m.lifeboatVersion());
  }

  static Manifest manifest(String id, Container.Sealed sealed, List<RecipientKey> recipients) {
    var facts = sealed.facts();
    return new Manifest(
        Manifest.TYPE,
        id,
        new Manifest.Cluster("14041c9e", "vault-cluster-8dc85c96", "openbao", "2.7.2"),
        "node-1",
        URI.create("https://10.0.0.1:8200"),
        Optional.of(Instant.parse("2026-11-22T02:00:00Z")),
        Instant.parse("2026-11-22T02:00:01Z"),
        Instant.parse("2026-11-22T02:00:01.250Z"),
        facts instanceof SnapshotFacts snapshot
            ? Optional.of(new Manifest.Raft(snapshot.raftIndex(), snapshot.raftTerm()))
            : Optional.empty(),
        new Manifest.Content(facts.plainBytes(), facts.plainSha256()),
        new Manifest.Content(sealed.storedBytes(), sealed.storedSha256()),
        recipients.stream().map(r -> new Manifest.Recipient(r.id(), r.comment())).toList(),
        new Manifest.Seal("static", "raft", 5, 3, Optional.empty(), Optional.of(1)),
        List.of(
            new Manifest.Peer("n1", "10.0.0.1:8201", Optional.of("https://10.0.0.1:8200"), true)),
        Optional.of(
            new Canary.Written(
                "secret/lifeboat/canary",
                7,
                "00".repeat(32),
                Optional.of("transit/lifeboat-canary"),
                Optional.of("vault:v1:abc"))),
        List.of(new Manifest.Mount("secret/", "kv"), new Manifest.Mount("sys/", "system")),
        new Manifest.Counts(Optional.of(4), Optional.empty(), Optional.of(0)),
        "0.1.0");
  }

  /// Written straight into the folder of a local store, without its many fsyncs.
  public MadeBackup storeIn(Path folder, List<RecipientKey> recipients) {
    write(folder, id.data(), data);
    for (RecipientKey recipient : recipients) {
      write(folder, id.key(recipient.id()), keyDocument(recipient));
    }
    write(folder, ManifestName.of(manifest), document);
    return this;
  }

  static void write(Path folder, String object, byte[] content) {
    try {
      Files.write(folder.resolve(object), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  byte[] keyDocument(RecipientKey recipient) {
    return by.sign(WrappedKey.wrap(recipient, dataKey, id.text()).toJson());
  }
}
