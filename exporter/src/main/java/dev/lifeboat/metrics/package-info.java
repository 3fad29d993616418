/// The catalogue of metric names and their exposition in text and OpenMetrics.
@NullMarked
package dev.lifeboat.metrics;

import org.jspecify.annotations.NullMarked;
