package dev.lifeboat.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SdNotifyTest {
  /// Prints each datagram on one line, its line ends as `|`, until one says STOPPING.
  private static final String LISTENER =
      """
      import socket, sys
      name = sys.argv[1]
      s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
      s.bind('\\0' + name[1:] if name.startswith('@') else name)
      print('bound', flush=True)
      while True:
          text = s.recv(4096).decode()
          print(text.replace('\\n', '|'), flush=True)
          if 'STOPPING' in text:
              break
      """;

  @TempDir Path folder;

  @Test
  void every_message_arrives_on_a_socket_with_a_path() throws IOException {
    everyMessageArrives(folder.resolve("notify.sock").toString());
  }

  @Test
  void every_message_arrives_on_an_abstract_socket() throws IOException {
    everyMessageArrives("@lifeboat-test-" + ProcessHandle.current().pid());
  }

  private static void everyMessageArrives(String socket) throws IOException {
    Process listener =
        new ProcessBuilder("python3", "-c", LISTENER, socket)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader lines = listener.inputReader()) {
      assertEquals("bound", lines.readLine());
      SdNotify notify = SdNotify.of(Map.of("NOTIFY_SOCKET", socket));

      notify.ready("active, two\nlines");
      notify.status("standby");
      notify.ping();
      notify.stopping();

      assertEquals("READY=1|STATUS=active, two lines", lines.readLine());
      assertEquals("STATUS=standby", lines.readLine());
      assertEquals("WATCHDOG=1", lines.readLine());
      assertEquals("STOPPING=1|STATUS=stopping", lines.readLine());
    } finally {
      listener.destroyForcibly();
    }
  }

  @Test
  void a_deaf_or_impossible_socket_stops_nothing() {
    SdNotify.of(Map.of("NOTIFY_SOCKET", folder.resolve("nobody").toString())).ready("x");
    SdNotify.of(Map.of("NOTIFY_SOCKET", "/" + "x".repeat(200))).ready("x");
    SdNotify.of(Map.of()).ready("x");
  }

  @Test
  void the_watchdog_is_ours_only_with_a_socket_and_our_own_process_id() {
    String pid = Long.toString(ProcessHandle.current().pid());

    assertEquals(
        Optional.of(Duration.ofSeconds(60)),
        SdNotify.of(Map.of("NOTIFY_SOCKET", "/n", "WATCHDOG_USEC", "60000000")).watchdog());
    assertEquals(
        Optional.of(Duration.ofSeconds(60)),
        SdNotify.of(Map.of("NOTIFY_SOCKET", "/n", "WATCHDOG_USEC", "60000000", "WATCHDOG_PID", pid))
            .watchdog());
    assertEquals(
        Optional.empty(),
        SdNotify.of(Map.of("NOTIFY_SOCKET", "/n", "WATCHDOG_USEC", "60000000", "WATCHDOG_PID", "1"))
            .watchdog());
    assertEquals(Optional.empty(), SdNotify.of(Map.of("WATCHDOG_USEC", "60000000")).watchdog());
    assertEquals(
        Optional.empty(),
        SdNotify.of(Map.of("NOTIFY_SOCKET", "/n", "WATCHDOG_USEC", "soon")).watchdog());
  }
}
