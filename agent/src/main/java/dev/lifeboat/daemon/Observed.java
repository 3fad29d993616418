package dev.lifeboat.daemon;

import dev.lifeboat.vault.TokenKeeper;
import dev.lifeboat.watch.Watch;

/// The node as this configuration watches it.
record Observed(LifeboatConfig config, Watch watch, TokenKeeper keeper) {}
