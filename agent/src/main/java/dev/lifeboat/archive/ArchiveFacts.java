package dev.lifeboat.archive;

/// What a verified archive says of itself, whatever storage it came from.
public sealed interface ArchiveFacts permits SnapshotFacts, DumpFacts {
  /// Size of the whole file.
  long plainBytes();

  /// Lower-case hex, of the whole file.
  String plainSha256();
}
