/// Tells others what happened: a command with JSON on its standard input, or a webhook.
@NullMarked
package dev.lifeboat.notify;

import org.jspecify.annotations.NullMarked;
