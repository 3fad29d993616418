/// The store in a folder, against the suite and against a disk that fails.
@NullMarked
package dev.lifeboat.store.local;

import org.jspecify.annotations.NullMarked;
