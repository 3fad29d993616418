@NullMarked
package dev.lifeboat.restore;

import org.jspecify.annotations.NullMarked;
