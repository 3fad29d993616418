/// Starts a throw-away Vault or OpenBao server that never outlives us.
///
/// [ServerBinary] is the program, [ServerConfig] the one file it is started with, [ServerProcess]
/// the running server; [LeashedProcess] is what ties any program to this JVM, however the JVM ends.
/// All of it is loopback only. A test restore uses it in production, the lab for its clusters.
/// Knows of other packages only `vault`.
@NullMarked
package dev.lifeboat.sandbox;

import org.jspecify.annotations.NullMarked;
