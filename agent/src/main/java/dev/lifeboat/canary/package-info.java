/// A secret and a transit ciphertext written before a backup, by which a restore is proven. The
/// only writer to Vault.
@NullMarked
package dev.lifeboat.canary;

import org.jspecify.annotations.NullMarked;
