@NullMarked
package dev.lifeboat.lab.bench;

import org.jspecify.annotations.NullMarked;
