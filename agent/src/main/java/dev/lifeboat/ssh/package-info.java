/// Logging in at another machine by SSH: whom to believe, with which key, and one connection.
///
/// Nothing of the user's own SSH is used: no agent, no `~/.ssh`, no default keys, no passwords.
/// What is then done over a connection is the business of whoever opened it. Knows `config` alone.
@NullMarked
package dev.lifeboat.ssh;

import org.jspecify.annotations.NullMarked;
