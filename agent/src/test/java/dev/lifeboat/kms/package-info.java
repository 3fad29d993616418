@NullMarked
package dev.lifeboat.kms;

import org.jspecify.annotations.NullMarked;
