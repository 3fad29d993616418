/// Where backups are kept: one contract, whose comments are obligations.
@NullMarked
package dev.lifeboat.store;

import org.jspecify.annotations.NullMarked;
