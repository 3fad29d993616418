/// The snapshot format, verified while it streams, and the encrypted container it is stored in.
@NullMarked
package dev.lifeboat.archive;

import org.jspecify.annotations.NullMarked;
