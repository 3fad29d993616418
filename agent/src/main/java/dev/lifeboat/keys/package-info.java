/// Recipient keys that open a backup, signing keys that prove who made it, and signed documents.
/// With archive the only package that knows Tink.
@NullMarked
package dev.lifeboat.keys;

import org.jspecify.annotations.NullMarked;
