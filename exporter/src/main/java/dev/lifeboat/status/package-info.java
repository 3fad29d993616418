/// What a person wants to know at 03:00: problems first, in words; as a page, as text, as JSON.
///
/// Pure functions from one [Status] to characters: no clock, no input, no memory. Depends on
/// `watch` and `vault`.
@NullMarked
package dev.lifeboat.status;

import org.jspecify.annotations.NullMarked;
