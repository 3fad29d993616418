package dev.lifeboat.daemon;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// What happens on SIGINT, SIGTERM and SIGHUP.
@FunctionalInterface
public interface Signals {
  enum Signal {
    INT,
    TERM,
    HUP
  }

  /// Replaces what was to be done before. The action runs on a thread of the JVM and must be short.
  void on(Signal signal, Runnable action);

  /// For tests: a signal does what the JVM does by itself.
  Signals NONE = (signal, action) -> {};

  /// The signals of this process.
  ///
  /// `sun.misc.Signal`, of the supported module `jdk.unsupported`, because there is no other way to
  /// a SIGHUP, and because a shutdown hook runs beside those of the JDK: the log would be gone
  /// before the last line. A second SIGINT or SIGTERM ends the process at once.
  static Signals ofProcess() {
    Map<Signal, Runnable> actions = new ConcurrentHashMap<>(new EnumMap<>(Signal.class));
    Map<Signal, Boolean> seen = new ConcurrentHashMap<>();
    return (signal, action) -> {
      if (actions.put(signal, action) != null) {
        return;
      }
      sun.misc.Signal.handle(
          new sun.misc.Signal(signal.name()),
          received -> {
            boolean again = seen.put(signal, true) != null;
            if (again && signal != Signal.HUP) {
              Runtime.getRuntime().halt(128 + received.getNumber());
            }
            actions.getOrDefault(signal, () -> {}).run();
          });
    };
  }
}
