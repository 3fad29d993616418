/// One suite that every store must pass.
@NullMarked
package dev.lifeboat.store;

import org.jspecify.annotations.NullMarked;
