package dev.lifeboat.archive;

/// What a verified snapshot says of itself and what was counted while reading it.
///
/// @param raftIndex `Index` of `meta.json`
/// @param raftTerm `Term` of `meta.json`
/// @param raftId `ID` of `meta.json`
/// @param stateBytes size of `state.bin`, equal to `Size` of `meta.json`
/// @param plainBytes size of the whole `.snap` file
/// @param plainSha256 lower-case hex, of the whole `.snap` file
public record SnapshotFacts(
    long raftIndex,
    long raftTerm,
    String raftId,
    int metaVersion,
    long stateBytes,
    long plainBytes,
    String plainSha256)
    implements ArchiveFacts {}
