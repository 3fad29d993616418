/// A store in a folder of another machine, by SFTP over a connection of `ssh`.
@NullMarked
package dev.lifeboat.store.sftp;

import org.jspecify.annotations.NullMarked;
