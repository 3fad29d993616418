/// The catalogue of metric names and their exposition in text and OpenMetrics.
///
/// Guards each collector, so that one that throws costs its own family and nothing else. Depends on
/// `collector`, which depends on nothing here.
@NullMarked
package dev.lifeboat.metrics;

import org.jspecify.annotations.NullMarked;
