@NullMarked
package dev.lifeboat.raftlog;

import org.jspecify.annotations.NullMarked;
