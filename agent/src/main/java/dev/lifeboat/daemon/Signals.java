package dev.lifeboat.daemon;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// What happens on SIGINT, SIGTERM and SIGHUP.
@FunctionalInterface
public interface Signals {
  enum Signal {
    HUP(1),
    INT(2),
    TERM(15);

    private final int number;

    Signal(int number) {
      this.number = number;
    }
  }

  /// Replaces what was to be done before. The action runs on a thread of the JVM and must be short.
  void on(Signal signal, Runnable action);

  /// For tests: a signal does what the JVM does by itself.
  Signals NONE = (signal, action) -> {};

  /// The signals of this process.
  ///
  /// By `sun.misc.Signal` of the module `jdk.unsupported`, because there is no other way to a
  /// SIGHUP, and because a shutdown hook runs beside those of the JDK, which close the log before
  /// its last line. A second SIGINT or SIGTERM ends the process at once.
  static Signals ofProcess() {
    Map<Signal, Runnable> actions = new ConcurrentHashMap<>();
    Map<Signal, Boolean> seen = new ConcurrentHashMap<>();
    return (signal, action) -> {
      if (actions.put(signal, action) != null) {
        return;
      }
      handle(
          signal,
          () -> {
            boolean again = seen.put(signal, true) != null;
            if (again && signal != Signal.HUP) {
              Runtime.getRuntime().halt(128 + signal.number);
            }
            actions.getOrDefault(signal, () -> {}).run();
          });
    };
  }

  /// By reflection: javac warns of every mention of `sun.misc`, and no annotation quiets it.
  private static void handle(Signal signal, Runnable action) {
    try {
      Class<?> type = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      MethodHandle run =
          MethodHandles.lookup()
              .findVirtual(Runnable.class, "run", MethodType.methodType(void.class))
              .bindTo(action);
      Object proxy =
          MethodHandleProxies.asInterfaceInstance(
              handler, MethodHandles.dropArguments(run, 0, type));
      Object named = type.getConstructor(String.class).newInstance(signal.name());
      Object previous = type.getMethod("handle", type, handler).invoke(null, named, proxy);
      if (previous == null) {
        throw new IllegalStateException("the JVM keeps SIG" + signal + " to itself");
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot handle SIG" + signal, e);
    }
  }
}
