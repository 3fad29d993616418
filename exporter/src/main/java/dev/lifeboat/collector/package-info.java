/// One file per metric family: from the latest state to samples, never from memory of an older one.
@NullMarked
package dev.lifeboat.collector;

import org.jspecify.annotations.NullMarked;
