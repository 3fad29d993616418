/// A store in a folder of another machine, by SFTP; the only package that knows Apache MINA SSHD.
///
/// Nothing of the user's own SSH is used: no agent, no `~/.ssh`, no default keys, no passwords.
@NullMarked
package dev.lifeboat.store.sftp;

import org.jspecify.annotations.NullMarked;
