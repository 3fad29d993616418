/// Golden files and the outside tools that tests compare with.
@NullMarked
package dev.lifeboat.golden;

import org.jspecify.annotations.NullMarked;
