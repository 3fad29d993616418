/// Plans against golden files, against plain words, and against any history.
@NullMarked
package dev.lifeboat.retention;

import org.jspecify.annotations.NullMarked;
