@NullMarked
package dev.lifeboat.notify;

import org.jspecify.annotations.NullMarked;
