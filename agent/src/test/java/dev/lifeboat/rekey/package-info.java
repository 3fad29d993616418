@NullMarked
package dev.lifeboat.rekey;

import org.jspecify.annotations.NullMarked;
