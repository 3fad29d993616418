/// Opening sealed nodes: the shares of an unseal key and where they come from, and what an
/// auto-unseal needs to open a node by itself.
@NullMarked
package dev.lifeboat.unseal;

import org.jspecify.annotations.NullMarked;
