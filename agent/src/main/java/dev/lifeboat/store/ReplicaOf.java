package dev.lifeboat.store;

import dev.lifeboat.config.ByteSize;
import java.util.Optional;

/// That a store is not written by backups, but gets copies of what another one holds.
///
/// @param source the name of that store
/// @param bytesPerSecond how fast is read from it; as fast as it goes when empty
public record ReplicaOf(String source, Optional<ByteSize> bytesPerSecond) {}
