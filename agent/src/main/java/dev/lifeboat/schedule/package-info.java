/// When a backup is due: pure functions over time. The only package that knows cron-utils.
@NullMarked
package dev.lifeboat.schedule;

import org.jspecify.annotations.NullMarked;
