/// What needs no database; the rest is in the lab.
@NullMarked
package dev.lifeboat.postgresql;

import org.jspecify.annotations.NullMarked;
