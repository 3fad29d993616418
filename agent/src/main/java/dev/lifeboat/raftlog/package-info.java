/// How far the data of a server goes that does not run: read from the files of its raft storage.
@NullMarked
package dev.lifeboat.raftlog;

import org.jspecify.annotations.NullMarked;
