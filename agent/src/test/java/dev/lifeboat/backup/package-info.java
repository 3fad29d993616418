/// Backups against a scripted Vault, and what is done to them in their stores.
@NullMarked
package dev.lifeboat.backup;

import org.jspecify.annotations.NullMarked;
