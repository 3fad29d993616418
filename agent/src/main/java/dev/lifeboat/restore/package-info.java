/// Getting it back: a whole cluster out of a backup, a majority out of the nodes that are left, one
/// node out of the others; and before that, which node is damaged and which backup is good. Every
/// step is in a journal before it is done, and looked at afterwards.
@NullMarked
package dev.lifeboat.restore;

import org.jspecify.annotations.NullMarked;
