/// What a person wants to know at 03:00: problems first, in words; as a page, as text, as JSON.
@NullMarked
package dev.lifeboat.status;

import org.jspecify.annotations.NullMarked;
