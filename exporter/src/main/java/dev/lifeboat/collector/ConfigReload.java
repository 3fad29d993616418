package dev.lifeboat.collector;

import java.time.Instant;

/// The outcome of the last reading of the configuration; the start counts as one that succeeded.
///
/// @param successful whether the newest attempt was taken over
/// @param lastSuccess when the configuration in use was read
public record ConfigReload(boolean successful, Instant lastSuccess) {}
