package dev.lifeboat.backup;

import java.util.HashMap;
import java.util.Map;

/// Which backups this process reads right now, so that it does not delete one under its own hands.
/// Other processes are not seen: what they read may go, and they say that it is missing.
public final class Readers {
  private final Map<String, Integer> reading = new HashMap<>();

  /// One reading, until it is closed.
  interface Reading extends AutoCloseable {
    @Override
    void close();
  }

  /// Blocks while a backup is being deleted.
  synchronized Reading begin(String id) {
    reading.merge(id, 1, Integer::sum);
    return () -> end(id);
  }

  private synchronized void end(String id) {
    reading.computeIfPresent(id, (_, readers) -> readers == 1 ? null : readers - 1);
  }

  synchronized boolean reads(String id) {
    return reading.containsKey(id);
  }

  /// Does it while nobody begins to read; false when somebody reads it already.
  synchronized boolean unlessRead(String id, Runnable deletion) {
    if (reads(id)) {
      return false;
    }
    deletion.run();
    return true;
  }
}
