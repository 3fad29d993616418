/// The database of a server that keeps its data in PostgreSQL: dumped, proven, measured. The only
/// package that knows the driver and the programs of PostgreSQL.
@NullMarked
package dev.lifeboat.postgresql;

import org.jspecify.annotations.NullMarked;
