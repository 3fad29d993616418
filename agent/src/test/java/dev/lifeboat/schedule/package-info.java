/// Tables of slots around clock changes.
@NullMarked
package dev.lifeboat.schedule;

import org.jspecify.annotations.NullMarked;
