/// Starts a throw-away Vault or OpenBao server that never outlives us.
@NullMarked
package dev.lifeboat.sandbox;

import org.jspecify.annotations.NullMarked;
