/// The canary against a scripted Vault.
@NullMarked
package dev.lifeboat.canary;

import org.jspecify.annotations.NullMarked;
