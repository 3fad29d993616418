package dev.lifeboat.http;

import dev.lifeboat.metrics.Exposition;
import dev.lifeboat.status.Status;
import dev.lifeboat.status.StatusHtml;
import dev.lifeboat.status.StatusJson;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// What each path answers, apart from how it is sent.
///
/// `/livez` says that the process runs its event loop, `/readyz` that the first poll is done;
/// neither says that the watched node is well, for no restart of ours would mend it.
final class Routes {
  private final Exposition exposition;
  private final BooleanSupplier ready;
  private final Supplier<Status> status;

  Routes(Exposition exposition, BooleanSupplier ready, Supplier<Status> status) {
    this.exposition = exposition;
    this.ready = ready;
    this.status = status;
  }

  /// Whether the path is answered without a user: a supervisor has no password.
  static boolean open(String path) {
    return path.equals("/livez");
  }

  Answer answer(String method, String path, String accept) {
    return switch (path) {
      case "/", "/metrics", "/status.json", "/livez", "/readyz" ->
          method.equals("GET") || method.equals("HEAD") ? page(path, accept) : notAllowed(method);
      default -> notFound(path);
    };
  }

  private Answer page(String path, String accept) {
    return switch (path) {
      case "/metrics" -> {
        Exposition.Page page = exposition.scrape(accept);
        yield Answer.of(200, page.contentType(), page.body());
      }
      case "/status.json" ->
          Answer.of(200, "application/json", utf8(StatusJson.render(status.get())));
      case "/livez" -> Answer.text(200, "ok");
      case "/readyz" ->
          ready.getAsBoolean()
              ? Answer.text(200, "ok")
              : Answer.text(503, "not ready: the first poll of the node is not done yet");
      default -> Answer.of(200, "text/html; charset=utf-8", utf8(StatusHtml.render(status.get())));
    };
  }

  private static Answer notAllowed(String method) {
    return Answer.text(405, method + " is not allowed\nhint: use GET or HEAD")
        .with("allow", "GET, HEAD");
  }

  private static Answer notFound(String path) {
    String shown = path.length() > 100 ? path.substring(0, 100) + "…" : path;
    return Answer.text(
        404,
        "there is nothing at "
            + shown
            + "\nhint: there are /metrics, / (status page), /status.json, /livez and /readyz");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
