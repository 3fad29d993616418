package dev.lifeboat.postgresql;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The database that takes a dump. Whatever is done to it is looked at afterwards, by whoever asks.
public interface Target {
  /// What there is.
  ///
  /// @param server its version, such as `15.18`
  /// @param program the version of pg_restore
  /// @param standby whether it takes no writes
  /// @param owned whether our user owns it, and with that what is restored
  /// @param relations the first of its tables; none in one that may be filled
  /// @param keyring the table with the keyring of a server, of a dump that was restored whole
  /// @param rows of that table
  /// @param filling whether a pg_restore of ours is at it, perhaps of a process that is dead
  /// @param others who else is connected
  /// @param taken the run that it was taken for, and by whom
  record Found(
      String server,
      String program,
      boolean standby,
      boolean owned,
      List<String> relations,
      Optional<String> keyring,
      long rows,
      boolean filling,
      List<String> others,
      Optional<String> taken) {
    public Found {
      relations = List.copyOf(relations);
      others = List.copyOf(others);
    }

    /// Whether pg_restore is of the server's major version or a newer one.
    public boolean programIsNewEnough() {
      return Setup.major(program) >= Setup.major(server);
    }

    /// Whether a dump of that version goes in: an older server may not understand it.
    public boolean takes(String dumpedFrom) {
      return Setup.major(server) >= Setup.major(dumpedFrom);
    }
  }

  /// What a dump says of itself.
  ///
  /// @param from the version of the database that was dumped
  record Contents(int entries, String from) {}

  /// `HOST:PORT/DATABASE`
  String where();

  Found look();

  /// Who else is connected: a word for each session, which no other one gets.
  Set<String> sessions();

  Contents contents(Path dump);

  /// Takes it for a run; a second time for the same one is fine.
  ///
  /// @param who a line for people: who has begun it, and where
  /// @return the run that has it already, and by whom; empty when it is ours
  Optional<String> take(String run, String who);

  /// Leaves what another run holds. What dead processes of this one left in the folder goes.
  void giveBack(String run);

  /// All of the dump or nothing of it.
  void restore(Path dump);

  /// @param folder for the password file: only its owner can read it, and there is one run in it
  static Target of(PostgresqlConfig config, Path folder) {
    return new DatabaseTarget(config, folder);
  }
}
