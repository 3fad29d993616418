/// A store in a folder of this machine.
@NullMarked
package dev.lifeboat.store.local;

import org.jspecify.annotations.NullMarked;
