@NullMarked
package dev.lifeboat.unseal;

import org.jspecify.annotations.NullMarked;
