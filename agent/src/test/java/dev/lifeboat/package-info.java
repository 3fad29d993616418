/// The house rules, executed.
@NullMarked
package dev.lifeboat;

import org.jspecify.annotations.NullMarked;
