/// How much may be lost and how long recovery may take, by what has happened, and whether the
/// schedule and the stores can keep that. Pure: asks nobody.
@NullMarked
package dev.lifeboat.objective;

import org.jspecify.annotations.NullMarked;
