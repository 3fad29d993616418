/// Vault's own telemetry, passed on: one target for a node, with what it says of itself.
@NullMarked
package dev.lifeboat.telemetry;

import org.jspecify.annotations.NullMarked;
