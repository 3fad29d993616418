/// Running commands on the machine of a node: this one, or one reached by SSH.
///
/// A command is a program and its arguments, never a line for a shell; what it must not show it is
/// given as input, as everybody on a machine can read the arguments of all its programs. Knows
/// `config` and `ssh` alone.
@NullMarked
package dev.lifeboat.machine;

import org.jspecify.annotations.NullMarked;
