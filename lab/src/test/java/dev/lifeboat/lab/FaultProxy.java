package dev.lifeboat.lab;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/// Stands between a client and an HTTP server and does to chosen requests what networks and tired
/// servers do. One request a connection; bodies have a length.
final class FaultProxy implements AutoCloseable {
  /// What happens to one request.
  sealed interface Fault {
    /// Nothing.
    record Pass() implements Fault {}

    /// Answered here; the server never hears of it.
    record Answer(int status, String code) implements Fault {}

    /// The connection is reset after so many bytes of the request's body.
    record CutRequest(int afterBytes) implements Fault {}

    /// The connection is reset after so many bytes of the answer's body.
    record CutAnswer(int afterBytes) implements Fault {}

    /// So many bytes of the answer's body, then nothing more, and no end.
    record StallAnswer(int afterBytes) implements Fault {}

    /// The answer comes, but so many bytes of it at a time and a pause before each.
    record Slow(int bytes, int pauseMillis) implements Fault {}

    /// The request is read and never answered.
    record Silence() implements Fault {}

    /// The server does it, and its answer is lost.
    record LoseAnswer() implements Fault {}

    /// One byte of the body is another when it arrives.
    record Alter() implements Fault {}
  }

  static final Fault PASS = new Fault.Pass();

  /// @param target with its query
  /// @param attempt from 1: how often this method and target were asked for so far
  record Call(String method, String target, int attempt) {}

  private final URI upstream;
  private final ServerSocket listener;
  private final Function<Call, Fault> faults;
  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  private FaultProxy(URI upstream, ServerSocket listener, Function<Call, Fault> faults) {
    this.upstream = upstream;
    this.listener = listener;
    this.faults = faults;
  }

  static FaultProxy before(URI upstream, Function<Call, Fault> faults) {
    try {
      var listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      var proxy = new FaultProxy(upstream, listener, faults);
      Thread.ofVirtual().name("fault-proxy").start(proxy::accept);
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  List<Call> calls() {
    return List.copyOf(calls);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        open.add(client);
        Thread.ofVirtual().name("fault-call").start(() -> serve(client));
      } catch (IOException e) {
        return; // Closed.
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      String head = head(client.getInputStream());
      if (!head.isEmpty()) {
        serve(client, head);
      }
    } catch (IOException e) {
      // One of the two ends went away, as it may.
    } finally {
      open.remove(client);
    }
  }

  private void serve(Socket client, String head) throws IOException {
    String[] line = head.lines().findFirst().orElseThrow().split(" ", 3);
    int attempt =
        1
            + (int)
                calls.stream()
                    .filter(call -> call.method().equals(line[0]) && call.target().equals(line[1]))
                    .count();
    Call call = new Call(line[0], line[1], attempt);
    calls.add(call);
    Fault fault = faults.apply(call);
    if (head.toLowerCase(Locale.ROOT).contains("expect: 100-continue")) {
      write(client.getOutputStream(), "HTTP/1.1 100 Continue\r\n\r\n");
    }
    InputStream body = client.getInputStream();
    long length = length(head);
    switch (fault) {
      case Fault.Answer(int status, String code) -> {
        skip(body, length);
        String text = "<Error><Code>%s</Code><Message>a fault</Message></Error>".formatted(code);
        write(
            client.getOutputStream(),
            "HTTP/1.1 %d Fault\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                .formatted(status, call.method().equals("HEAD") ? 0 : text.length(), text));
      }
      case Fault.Silence() -> {
        skip(body, length);
        int ignored = body.read(); // Until the client has had enough.
      }
      case Fault.Pass _,
          Fault.CutRequest _,
          Fault.CutAnswer _,
          Fault.StallAnswer _,
          Fault.Slow _,
          Fault.LoseAnswer _,
          Fault.Alter _ ->
          forward(client, head, length, fault);
    }
  }

  private void forward(Socket client, String head, long length, Fault fault) throws IOException {
    try (var server = new Socket(upstream.getHost(), upstream.getPort())) {
      OutputStream out = server.getOutputStream();
      String forwarded =
          head.replaceAll("(?im)^(expect|connection):.*\r\n", "")
              .replaceFirst("\r\n\r\n$", "\r\nConnection: close\r\n\r\n");
      write(out, forwarded);
      long sent = fault instanceof Fault.CutRequest(int after) ? Math.min(after, length) : length;
      copy(client.getInputStream(), out, sent, fault instanceof Fault.Alter);
      if (fault instanceof Fault.CutRequest) {
        reset(client);
        return;
      }
      InputStream answer = server.getInputStream();
      if (fault instanceof Fault.LoseAnswer) {
        answer.transferTo(OutputStream.nullOutputStream());
        reset(client);
        return;
      }
      write(client.getOutputStream(), head(answer));
      switch (fault) {
        case Fault.CutAnswer(int after) -> {
          copy(answer, client.getOutputStream(), after, false);
          reset(client);
        }
        case Fault.StallAnswer(int after) -> {
          copy(answer, client.getOutputStream(), after, false);
          int ignored = client.getInputStream().read();
        }
        case Fault.Slow(int bytes, int pauseMillis) -> {
          client.setSoTimeout(pauseMillis);
          for (byte[] some = answer.readNBytes(bytes);
              some.length > 0;
              some = answer.readNBytes(bytes)) {
            pause(client);
            client.getOutputStream().write(some);
          }
        }
        case Fault.Pass _,
            Fault.Answer _,
            Fault.CutRequest _,
            Fault.Silence _,
            Fault.LoseAnswer _,
            Fault.Alter _ ->
            answer.transferTo(client.getOutputStream());
      }
    }
  }

  /// Until the read timeout, or at once when the client has gone.
  private static void pause(Socket client) throws IOException {
    try {
      int ignored = client.getInputStream().read();
    } catch (SocketTimeoutException e) {
      // It is still there.
    }
  }

  private static void reset(Socket socket) throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  private static String head(InputStream in) throws IOException {
    var head = new ByteArrayOutputStream();
    for (int each = in.read(); each >= 0; each = in.read()) {
      head.write(each);
      if (each == '\n' && head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
        break;
      }
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  private static long length(String head) {
    return head.lines()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("content-length:"))
        .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(':') + 1).strip()))
        .findFirst()
        .orElse(0);
  }

  private static void skip(InputStream in, long count) throws IOException {
    copy(in, OutputStream.nullOutputStream(), count, false);
  }

  private static void copy(InputStream in, OutputStream out, long count, boolean altered)
      throws IOException {
    byte[] buffer = new byte[1 << 16];
    boolean alter = altered;
    for (long rest = count; rest > 0; ) {
      int read = in.read(buffer, 0, (int) Math.min(buffer.length, rest));
      if (read < 0) {
        return;
      }
      if (alter && read > 0) {
        buffer[0] ^= 1;
        alter = false;
      }
      out.write(buffer, 0, read);
      rest -= read;
    }
    out.flush();
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  @Override
  public void close() {
    try {
      listener.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
