/// The command line: one class a command, one switch from outcome to exit code.
@NullMarked
package dev.lifeboat.cli;

import org.jspecify.annotations.NullMarked;
