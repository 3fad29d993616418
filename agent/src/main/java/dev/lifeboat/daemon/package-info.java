/// The agent: its configuration, its wiring, its control socket, its place under systemd.
@NullMarked
package dev.lifeboat.daemon;

import org.jspecify.annotations.NullMarked;
