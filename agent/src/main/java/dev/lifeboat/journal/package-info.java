/// What was begun and what was done of something long that must survive the death of whoever does
/// it, and the steps that such a thing is made of.
@NullMarked
package dev.lifeboat.journal;

import org.jspecify.annotations.NullMarked;
