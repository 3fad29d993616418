/// One backup run: spool, snapshot, manifest, stores; and what the stores hold.
@NullMarked
package dev.lifeboat.backup;

import org.jspecify.annotations.NullMarked;
