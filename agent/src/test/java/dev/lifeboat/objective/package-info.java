@NullMarked
package dev.lifeboat.objective;

import org.jspecify.annotations.NullMarked;
