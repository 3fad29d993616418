package dev.lifeboat.archive;

/// What a dump of PostgreSQL says of itself and what was counted while reading it.
///
/// @param formatVersion of the archive format, such as `1.14`
public record DumpFacts(String formatVersion, long plainBytes, String plainSha256)
    implements ArchiveFacts {}
