/// Configuration: parsed once, complete and right, or not at all.
///
/// The only package that knows Typesafe Config. A capability owns its record and a `static X
/// from(Section)`; every problem of every block is collected before anything starts. Depends on
/// nothing of ours.
@NullMarked
package dev.lifeboat.config;

import org.jspecify.annotations.NullMarked;
