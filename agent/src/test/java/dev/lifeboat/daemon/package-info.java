@NullMarked
package dev.lifeboat.daemon;

import org.jspecify.annotations.NullMarked;
