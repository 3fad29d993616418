package dev.lifeboat.backup;

import dev.lifeboat.canary.Canary;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What is recorded of one backup, signed; a backup exists when its manifest does.
///
/// Written as indented JSON with these names in snake case, `type` first, then the signature line
/// of [dev.lifeboat.keys.SigningKey#sign]. Unknown fields are ignored by a reader of the same
/// format version.
///
/// @param raft what the snapshot says; empty for the dump of a database, see `seal.storageType`
/// @param slot when it was due; empty for one by hand
/// @param schedule whose slot it is
public record Manifest(
    String type,
    String id,
    Cluster cluster,
    String node,
    URI takenFrom,
    Optional<Instant> slot,
    Instant startedAt,
    Instant takenAt,
    Optional<Raft> raft,
    Content plain,
    Content stored,
    List<Recipient> recipients,
    Seal seal,
    List<Peer> peers,
    Optional<Canary.Written> canary,
    List<Mount> mounts,
    Counts counts,
    String lifeboatVersion,
    Optional<String> label,
    Optional<String> schedule,
    Optional<Kit> kit) {
  public static final String TYPE = "lifeboat-manifest/1";

  public Manifest {
    recipients = List.copyOf(recipients);
    peers = List.copyOf(peers);
    mounts = List.copyOf(mounts);
  }

  /// One by hand without a label.
  public Manifest(
      String type,
      String id,
      Cluster cluster,
      String node,
      URI takenFrom,
      Optional<Instant> slot,
      Instant startedAt,
      Instant takenAt,
      Optional<Raft> raft,
      Content plain,
      Content stored,
      List<Recipient> recipients,
      Seal seal,
      List<Peer> peers,
      Optional<Canary.Written> canary,
      List<Mount> mounts,
      Counts counts,
      String lifeboatVersion) {
    this(
        type,
        id,
        cluster,
        node,
        takenFrom,
        slot,
        startedAt,
        takenAt,
        raft,
        plain,
        stored,
        recipients,
        seal,
        peers,
        canary,
        mounts,
        counts,
        lifeboatVersion,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  public record Cluster(String id, String name, String product, String version) {}

  public record Raft(long index, long term) {}

  /// @param sha256 lower-case hex
  public record Content(long bytes, String sha256) {}

  /// The recovery kit beside the data.
  ///
  /// @param stored of the encrypted object
  /// @param files how many it holds
  /// @param unreadable how many it should hold and does not
  public record Kit(Content stored, int files, int unreadable) {}

  public record Recipient(String id, String comment) {}

  /// What a restore needs to know of the seal.
  ///
  /// @param storageType `raft` or `postgresql`
  /// @param keyId of an auto-unseal, as far as the server says
  /// @param keyEpoch the term of the barrier key (`sys/key-status`)
  public record Seal(
      String type,
      String storageType,
      int shares,
      int threshold,
      Optional<String> keyId,
      Optional<Integer> keyEpoch) {}

  public record Peer(
      String id, String clusterAddress, Optional<String> apiAddress, boolean voter) {}

  /// @param path with its trailing slash
  public record Mount(String path, String type) {}

  /// How many there were; empty where the token may not list them.
  public record Counts(
      Optional<Integer> policies, Optional<Integer> authMethods, Optional<Integer> entities) {}

  /// Strict about types and about `type`; [IllegalArgumentException] says what is wrong.
  public static Manifest parse(byte[] json) {
    return ManifestJson.parse(json);
  }

  /// Ends with a line end, as what is signed must.
  public byte[] toJson() {
    return ManifestJson.write(this);
  }
}
