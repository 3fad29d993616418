package dev.lifeboat.lab.alerts;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lifeboat.lab.Await;
import dev.lifeboat.lab.Folders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// A mail server, Slack, PagerDuty and a dead man's switch on loopback. They keep what they get,
/// and refuse what the real ones would refuse; what was refused is kept too.
public final class Receivers implements AutoCloseable {
  private static final int BODY_BYTES_MAX = 1 << 20;
  private static final String MAIL_PASSWORD = "mail-secret-7e21c0";
  private static final String SLACK_PATH = "/services/T0LAB0000/B0LAB0000/slackSecret5b9d31";
  private static final String PAGER_KEY = "0123456789abcdef0123456789abc3f5";
  private static final MailServer.Account ACCOUNT =
      new MailServer.Account(
          "alertmanager", MAIL_PASSWORD, "alertmanager@example.net", "vault-team@example.net");

  private final InstantSource clock;
  private final HttpServer http;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final MailServer mail;
  private final List<Message> messages = new CopyOnWriteArrayList<>();
  private final List<String> refused = new CopyOnWriteArrayList<>();

  private Receivers(InstantSource clock, HttpServer http) {
    this.clock = clock;
    this.http = http;
    this.mail = MailServer.open(ACCOUNT, new Mailbox());
  }

  public static Receivers open(InstantSource clock) {
    try {
      var http = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
      var receivers = new Receivers(clock, http);
      http.setExecutor(receivers.threads);
      var hooks =
          List.of(
              new SlackWebhook(SLACK_PATH, "#vault"),
              new PagerDutyEvents(PAGER_KEY),
              new DeadMansSwitch("/vault"));
      hooks.forEach(hook -> http.createContext(hook.path(), each -> receivers.serve(hook, each)));
      http.createContext("/", each -> receivers.refuse(each, new Refusal(404, "not_found")));
      http.start();
      return receivers;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The shipped example, changed only in who is asked where, and where the secrets lie.
  ///
  /// @param example `alert-rules/alertmanager.example.yml`, perhaps with other times
  /// @param folder is made; the files with the secrets are put there
  public String configure(String example, Path folder) {
    Folders.create(folder);
    Folders.writeSecret(folder.resolve("smtp-password"), MAIL_PASSWORD);
    Folders.writeSecret(folder.resolve("slack-url"), url(SLACK_PATH).toString());
    Folders.writeSecret(folder.resolve("pagerduty-key"), PAGER_KEY);
    // This mail server has no TLS, and PagerDuty's address is one of Alertmanager's defaults.
    var config =
        ScaledRules.replaced(
            example,
            "smtp_smarthost: mail.example.net:587\n",
            "smtp_smarthost: 127.0.0.1:%d\n  smtp_require_tls: false\n  pagerduty_url: %s\n"
                .formatted(mail.port(), url("/v2/enqueue")));
    config = ScaledRules.replaced(config, "/etc/alertmanager/", folder + "/");
    return ScaledRules.replaced(
        config, "https://watchdog.example.net/vault", url("/vault").toString());
  }

  /// What must be nowhere but in the files of [#configure].
  public List<String> secrets() {
    return List.of(MAIL_PASSWORD, SLACK_PATH, PAGER_KEY);
  }

  /// Everything so far, in the order in which it came.
  public List<Message> messages() {
    return List.copyOf(messages);
  }

  /// What the real services would have refused; empty when all is well.
  public List<String> refused() {
    return List.copyOf(refused);
  }

  /// Waits for the first message of this kind, one that came already included.
  public Message await(String what, Duration bound, Predicate<Message> kind) {
    return Await.until(what, bound, () -> first(kind));
  }

  private Optional<Message> first(Predicate<Message> kind) {
    return messages.stream().filter(kind).findFirst();
  }

  private URI url(String path) {
    return URI.create("http://127.0.0.1:" + http.getAddress().getPort() + path);
  }

  private void serve(Hook hook, HttpExchange exchange) throws IOException {
    try {
      Refusal.unless(exchange.getRequestMethod().equals("POST"), "only POST");
      Refusal.unless(exchange.getRequestURI().getPath().equals(hook.path()), "not this path");
      var type = exchange.getRequestHeaders().getFirst("Content-Type");
      Refusal.unless(type != null && type.startsWith("application/json"), "the type is " + type);
      var body = exchange.getRequestBody().readNBytes(BODY_BYTES_MAX + 1);
      Refusal.unless(body.length <= BODY_BYTES_MAX, "the body is too large");
      var reply = hook.take(JsonMapper.shared().readTree(body), clock.instant());
      messages.add(reply.message());
      answer(exchange, reply.status(), reply.type(), reply.body());
    } catch (JacksonException e) {
      refuse(exchange, new Refusal(400, "no JSON: " + e.getOriginalMessage()));
    } catch (Refusal e) {
      refuse(exchange, e);
    }
  }

  private void refuse(HttpExchange exchange, Refusal refusal) throws IOException {
    refused.add(exchange.getRequestURI().getPath() + ": " + refusal.getMessage());
    answer(exchange, refusal.status(), "text/plain", String.valueOf(refusal.getMessage()));
  }

  private static void answer(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    try (exchange) {
      var bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private final class Mailbox implements MailServer.Letterbox {
    @Override
    public void take(List<String> lines) throws Refusal {
      messages.add(Letter.read(lines, clock.instant()));
    }

    @Override
    public void refused(String why) {
      refused.add(why);
    }
  }

  @Override
  public void close() {
    http.stop(0);
    mail.close();
    threads.close();
  }
}
