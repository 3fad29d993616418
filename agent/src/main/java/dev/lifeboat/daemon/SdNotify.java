package dev.lifeboat.daemon;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// The line to systemd: the datagram socket named by `NOTIFY_SOCKET` (sd_notify(3)).
///
/// Without that variable every call does nothing. A failed send is logged and never thrown: the
/// service manager's deafness must not stop backups. The JDK has no datagram Unix socket, so three
/// calls of libc are made directly; the first costs about 150 ms, which is why nothing is sent
/// before the HTTP port answers.
public final class SdNotify {
  private static final System.Logger logger = System.getLogger(SdNotify.class.getName());
  private static final int PATH_MAX = 107;

  private final Optional<Sender> sender;
  private final Optional<Duration> watchdog;

  /// The way to the service manager.
  @FunctionalInterface
  interface Sender {
    void send(String state) throws IOException;
  }

  SdNotify(Optional<Sender> sender, Optional<Duration> watchdog) {
    this.sender = sender;
    this.watchdog = watchdog;
  }

  /// @param environment with `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` of this process
  public static SdNotify of(Map<String, String> environment) {
    String path = environment.getOrDefault("NOTIFY_SOCKET", "");
    if (path.isEmpty()) {
      return new SdNotify(Optional.empty(), Optional.empty());
    }
    String pid = environment.getOrDefault("WATCHDOG_PID", "");
    boolean ours = pid.isEmpty() || pid.equals(Long.toString(ProcessHandle.current().pid()));
    OptionalLong micros = positive(environment.getOrDefault("WATCHDOG_USEC", ""));
    return new SdNotify(
        Optional.of(state -> Datagram.send(path, state.getBytes(StandardCharsets.UTF_8))),
        ours && micros.isPresent()
            ? Optional.of(Duration.ofNanos(micros.getAsLong() * 1000))
            : Optional.empty());
  }

  private static OptionalLong positive(String number) {
    return number.matches("[1-9][0-9]{0,14}")
        ? OptionalLong.of(Long.parseLong(number))
        : OptionalLong.empty();
  }

  /// How long systemd waits for a sign of life; a ping is due at half of it.
  public Optional<Duration> watchdog() {
    return watchdog;
  }

  public void ready(String status) {
    send("READY=1\nSTATUS=" + oneLine(status));
  }

  public void status(String status) {
    send("STATUS=" + oneLine(status));
  }

  /// Alive, and not to be given up for slow: for waits longer than the time systemd grants a start.
  void waiting(String status) {
    send("WATCHDOG=1\nEXTEND_TIMEOUT_USEC=15000000\nSTATUS=" + oneLine(status));
  }

  public void ping() {
    send("WATCHDOG=1");
  }

  public void stopping() {
    send("STOPPING=1\nSTATUS=stopping");
  }

  private static String oneLine(String status) {
    return status.replace('\n', ' ');
  }

  private void send(String state) {
    if (sender.isEmpty()) {
      return;
    }
    try {
      sender.get().send(state);
    } catch (IOException e) {
      logger.log(
          System.Logger.Level.WARNING,
          "event=notify_failed error=" + LogLines.quoted(Reasons.of(e)));
    }
  }

  /// Holds the native handles, so that a process without systemd never links them.
  private static final class Datagram {
    private static final short AF_UNIX = 1;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
    private static final MethodHandle SOCKET =
        function("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), ERRNO);
    private static final MethodHandle SENDTO =
        function(
            "sendto",
            FunctionDescriptor.of(
                JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT),
            ERRNO);
    private static final MethodHandle CLOSE =
        function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

    @SuppressWarnings("restricted") // libc's own signatures, from its manual pages
    private static MethodHandle function(
        String name, FunctionDescriptor descriptor, Linker.Option... options) {
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor, options);
    }

    static void send(String path, byte[] message) throws IOException {
      byte[] name = path.getBytes(StandardCharsets.UTF_8);
      if (name.length > PATH_MAX) {
        throw new IOException("its path is longer than " + PATH_MAX + " bytes");
      }
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment error = arena.allocate(Linker.Option.captureStateLayout());
        MemorySegment address = arena.allocate(2 + PATH_MAX + 1, 2);
        address.set(JAVA_SHORT, 0, AF_UNIX);
        MemorySegment.copy(name, 0, address, JAVA_BYTE, 2, name.length);
        // `@name` is systemd's way to write an abstract socket: a NUL first, and none at the end.
        boolean isAbstract = name[0] == '@';
        if (isAbstract) {
          address.set(JAVA_BYTE, 2, (byte) 0);
        }
        int length = 2 + name.length + (isAbstract ? 0 : 1);
        send(arena.allocateFrom(JAVA_BYTE, message), address, length, error);
      }
    }

    private static void send(
        MemorySegment message, MemorySegment address, int addressLength, MemorySegment error)
        throws IOException {
      try {
        int socket = (int) SOCKET.invokeExact(error, (int) AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
        if (socket < 0) {
          throw new IOException("socket: errno " + error.get(JAVA_INT, 0));
        }
        try {
          long sent =
              (long)
                  SENDTO.invokeExact(
                      error,
                      socket,
                      message,
                      message.byteSize(),
                      MSG_NOSIGNAL,
                      address,
                      addressLength);
          if (sent != message.byteSize()) {
            throw new IOException("sendto: errno " + error.get(JAVA_INT, 0));
          }
        } finally {
          int ignored = (int) CLOSE.invokeExact(socket);
        }
      } catch (IOException | RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
