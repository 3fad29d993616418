/// One file per metric family: from the latest state to samples, never from memory of an older one.
///
/// A collector declares its names as [Metric] constants and lists them in `METRICS`; a value that
/// is not known is left out. Depends on `watch` and `vault`; the page itself is made by `metrics`.
@NullMarked
package dev.lifeboat.collector;

import org.jspecify.annotations.NullMarked;
