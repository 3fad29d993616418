/// Which backups of a store are kept and which go, as a plan with reasons. Pure: it reads no store,
/// deletes nothing and asks no clock. Stands on `config` alone.
@NullMarked
package dev.lifeboat.retention;

import org.jspecify.annotations.NullMarked;
