/// What benchmarks need of the agent's package of this name.
@NullMarked
package dev.lifeboat.archive;

import org.jspecify.annotations.NullMarked;
