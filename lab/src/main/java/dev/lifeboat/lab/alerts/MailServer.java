package dev.lifeboat.lab.alerts;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/// As much of an SMTP server as one client needs that logs in and sends: no TLS, one recipient.
final class MailServer implements AutoCloseable {
  private static final int LINE_BYTES_MAX = 1000;
  private static final int MAIL_LINES_MAX = 20_000;
  private static final int IDLE_MS_MAX = 30_000;

  private final ServerSocket listener;
  private final Account account;
  private final Letterbox letterbox;

  /// Who may send, from where to where.
  record Account(String user, String password, String from, String to) {}

  /// Takes what was sent.
  interface Letterbox {
    void take(List<String> lines) throws Refusal;

    /// Is told what was not taken.
    void refused(String why);
  }

  private MailServer(ServerSocket listener, Account account, Letterbox letterbox) {
    this.listener = listener;
    this.account = account;
    this.letterbox = letterbox;
  }

  static MailServer open(Account account, Letterbox letterbox) {
    try {
      var server =
          new MailServer(
              new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1")), account, letterbox);
      Thread.ofVirtual().name("mail-server").start(server::accept);
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        client.setSoTimeout(IDLE_MS_MAX);
        Thread.ofVirtual().name("mail").start(() -> serve(client));
      } catch (IOException e) {
        // Closed.
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      new Session(client).run();
    } catch (IOException e) {
      letterbox.refused("mail: the connection broke: " + e.getMessage());
    }
  }

  /// One connection, from the greeting to QUIT.
  private final class Session {
    private final InputStream in;
    private final OutputStream out;
    private boolean loggedIn;
    private boolean sender;
    private boolean recipient;

    private Session(Socket client) throws IOException {
      this.in = new BufferedInputStream(client.getInputStream());
      this.out = client.getOutputStream();
    }

    private void run() throws IOException {
      say("220 mail.example.net ESMTP");
      while (true) {
        var line = readLine();
        if (line.toUpperCase(Locale.ROOT).equals("QUIT")) {
          say("221 2.0.0 Bye");
          return;
        }
        try {
          obey(line);
        } catch (Refusal e) {
          letterbox.refused("mail: " + e.getMessage() + " (" + line.split(" ", 2)[0] + ")");
          say(e.status() + " 5.0.0 " + e.getMessage());
        }
      }
    }

    private void obey(String line) throws IOException, Refusal {
      var verb = line.split("[ :]", 2)[0].toUpperCase(Locale.ROOT);
      switch (verb) {
        case "EHLO" -> {
          say("250-mail.example.net");
          say("250-8BITMIME");
          say("250 AUTH PLAIN");
        }
        case "AUTH" -> logIn(line);
        case "MAIL" -> {
          require(loggedIn, 530, "Authentication required");
          require(line.startsWith("MAIL FROM:<" + account.from() + ">"), 550, "not this sender");
          sender = true;
          say("250 2.1.0 Ok");
        }
        case "RCPT" -> {
          require(sender, 503, "MAIL first");
          require(line.equals("RCPT TO:<" + account.to() + ">"), 550, "no such mailbox");
          recipient = true;
          say("250 2.1.5 Ok");
        }
        case "DATA" -> {
          require(recipient, 503, "RCPT first");
          say("354 End data with <CR><LF>.<CR><LF>");
          letterbox.take(readMail());
          sender = false;
          recipient = false;
          say("250 2.0.0 Ok: queued");
        }
        default -> throw new Refusal(502, "Command not implemented");
      }
    }

    private void logIn(String line) throws IOException, Refusal {
      var words = line.split(" ", -1);
      require(words.length == 3 && words[1].equals("PLAIN"), 504, "only AUTH PLAIN");
      var expected = "\0" + account.user() + "\0" + account.password();
      var given = new String(Base64.getDecoder().decode(words[2]), StandardCharsets.UTF_8);
      require(given.equals(expected), 535, "authentication failed");
      loggedIn = true;
      say("235 2.7.0 Authentication successful");
    }

    private List<String> readMail() throws IOException, Refusal {
      var lines = new ArrayList<String>();
      for (var line = readLine(); !line.equals("."); line = readLine()) {
        require(lines.size() < MAIL_LINES_MAX, 552, "the mail is too long");
        lines.add(line.startsWith(".") ? line.substring(1) : line);
      }
      return lines;
    }

    /// Without its CRLF; a bare LF or a line that is too long breaks the connection.
    private String readLine() throws IOException {
      var line = new ByteArrayOutputStream();
      for (int next = in.read(); next != '\n'; next = in.read()) {
        if (next < 0) {
          throw new IOException("it ended without QUIT");
        }
        line.write(next);
        if (line.size() >= LINE_BYTES_MAX) {
          throw new IOException("a line is longer than " + LINE_BYTES_MAX + " bytes");
        }
      }
      var text = line.toString(StandardCharsets.UTF_8);
      if (!text.endsWith("\r")) {
        throw new IOException("a line ends in a bare LF");
      }
      return text.substring(0, text.length() - 1);
    }

    private void say(String line) throws IOException {
      out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
      out.flush();
    }
  }

  private static void require(boolean good, int status, String message) throws Refusal {
    if (!good) {
      throw new Refusal(status, message);
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
