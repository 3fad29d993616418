/// The alert rules, tried on stories by the real `promtool`.
@NullMarked
package dev.lifeboat.lab.alerts;

import org.jspecify.annotations.NullMarked;
