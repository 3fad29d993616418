/// Polls one node and holds the latest [NodeState], an immutable record with its time.
///
/// Knows no product difference beyond what the answers say; never blanks one part because another
/// failed. Depends on `vault` and `config`.
@NullMarked
package dev.lifeboat.watch;

import org.jspecify.annotations.NullMarked;
