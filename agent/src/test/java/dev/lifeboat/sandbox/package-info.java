@NullMarked
package dev.lifeboat.sandbox;

import org.jspecify.annotations.NullMarked;
