package dev.lifeboat.vault;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lifeboat.vault.VaultException.Reason;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.ProtocolException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Turns what went wrong on the way, or what a server answered instead, into a [VaultException].
final class Failure {
  /// A transport's exception and what it means; made where it is known whether headers had come.
  static final class Classified extends IOException {
    private final Reason reason;

    Classified(Reason reason, Throwable cause) {
      super(reason.label(), cause);
      this.reason = reason;
    }
  }

  private static final int QUOTED_CHARS = 200;
  private static final String DAMAGED = "message authentication failed";
  private static final String PLAIN_TO_TLS = "Client sent an HTTP request to an HTTPS server";
  private static final Pattern TOKEN =
      Pattern.compile("\\b(?:hv[sbr]|[sbr])\\.[A-Za-z0-9_-]{16,}[A-Za-z0-9_.-]*");
  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}+");

  private Failure() {}

  /// @param what the address that was asked
  static VaultException of(String what, Throwable failed) {
    Throwable deepest = failed;
    for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
      if (cause instanceof VaultException known) {
        return known;
      }
      if (cause instanceof Classified classified) {
        return exception(classified.reason, what, classified);
      }
      deepest = cause;
    }
    return exception(classify(failed, false), what, deepest);
  }

  /// @param answered whether the headers of an answer had come
  static Reason classify(Throwable failed, boolean answered) {
    for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
      if (cause instanceof SSLException || cause instanceof CertificateException) {
        return answered ? Reason.TRUNCATED : Reason.TLS;
      }
      if (cause instanceof HttpConnectTimeoutException
          || cause instanceof ConnectException
          || cause instanceof UnresolvedAddressException
          || cause instanceof UnknownHostException) {
        return Reason.UNREACHABLE;
      }
      if (cause instanceof HttpTimeoutException || cause instanceof TimeoutException) {
        return Reason.TIMEOUT;
      }
      if (cause instanceof ProtocolException) {
        return Reason.NOT_JSON;
      }
      String said = String.valueOf(cause.getMessage());
      // The driver takes an answer of another shape for a bug of its own.
      if (cause instanceof RuntimeException) {
        return Reason.NOT_JSON;
      }
      if (said.contains("exceeds capacity") || said.contains("nvalid status line")) {
        return Reason.NOT_JSON;
      }
    }
    return answered ? Reason.TRUNCATED : Reason.UNREACHABLE;
  }

  private static VaultException exception(Reason reason, String what, Throwable cause) {
    String message =
        switch (reason) {
          case UNREACHABLE -> "cannot be reached: " + unreachable(cause);
          case TIMEOUT -> "did not answer in time";
          case TRUNCATED -> "the answer ended early";
          case TLS -> "TLS failed (" + root(cause) + ")" + tlsHint(root(cause));
          case NOT_JSON -> "what answers there is no Vault (" + root(cause) + ")";
          case STALLED,
              DENIED,
              SEALED,
              NOT_FOUND,
              REDIRECT_REFUSED,
              NO_LEADER,
              NO_CREDENTIAL,
              REFUSED,
              SERVER_ERROR ->
              reason.label();
        };
    return new VaultException(reason, what + ": " + message, cause);
  }

  /// In the words of the status page. What the system said is added where it said anything: of a
  /// refused connection the JDK's client tells no more than that a channel is closed.
  private static String unreachable(Throwable cause) {
    Throwable deepest = deepest(cause);
    if (deepest instanceof UnresolvedAddressException || deepest instanceof UnknownHostException) {
      return "no such host is known\nhint: see the name in vault.address, and the resolver";
    }
    boolean connected = true;
    for (Throwable each = cause; each != null; each = each.getCause()) {
      connected &= !(each instanceof ConnectException || each instanceof NoRouteToHostException);
    }
    return (connected
            ? "the connection broke before an answer came"
            : "the connection is refused or there is no route")
        + (deepest.getMessage() == null ? "" : " (" + bounded(deepest.getMessage()) + ")")
        + "\nhint: see whether the server runs, and whether vault.address is its API address";
  }

  private static String tlsHint(String root) {
    if (root.contains("unable to find valid certification path") || root.contains("PKIX")) {
      return "\nhint: set vault.tls.ca-file to the authority that signed the node's certificate";
    }
    if (root.contains("subject alternative") || root.contains("No name matching")) {
      return "\nhint: set vault.tls.server-name to a name that the certificate has";
    }
    if (root.contains("nrecognized SSL message")) {
      return "\nhint: the node speaks plain http there";
    }
    return "";
  }

  private static Throwable deepest(Throwable failed) {
    Throwable deepest = failed;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    return deepest;
  }

  private static String root(Throwable failed) {
    Throwable deepest = deepest(failed);
    String said = deepest.getMessage();
    return said == null ? deepest.getClass().getSimpleName() : bounded(said);
  }

  /// What Go's HTTP server answers, before either product is asked, to plain HTTP on a port of TLS;
  /// `null` for any other body.
  static @Nullable VaultException plainToTls(String what, byte[] body) {
    return new String(body, UTF_8).startsWith(PLAIN_TO_TLS)
        ? new VaultException(
            Reason.TLS,
            what + ": the server speaks TLS there\nhint: write https:// in vault.address")
        : null;
  }

  /// What an HTTP code other than 2xx means.
  static VaultException of(String what, int status, byte[] body) {
    List<String> errors = errors(what, body);
    String quoted = errors.isEmpty() ? "" : ": " + String.join("; ", errors);
    boolean sealed = errors.stream().anyMatch(error -> error.contains("sealed"));
    if (status == 503 && sealed) {
      return new VaultException(Reason.SEALED, what + ": the node is sealed");
    }
    if (status >= 500) {
      // Of all that is said with these codes the one that tells of a damaged disk.
      String damaged = quoted.contains(DAMAGED) ? quoted : "";
      return new VaultException(
          Reason.SERVER_ERROR, what + ": the server answers " + status + damaged);
    }
    return switch (status) {
      case 403 ->
          new VaultException(
              Reason.DENIED,
              what
                  + ": denied"
                  + quoted
                  + "\nhint: the token is expired or revoked, or its policy lacks this path");
      case 404 -> new VaultException(Reason.NOT_FOUND, what + ": not found" + quoted);
      case 429 ->
          new VaultException(Reason.SERVER_ERROR, what + ": the server answers 429" + quoted);
      default ->
          new VaultException(Reason.REFUSED, what + ": the server answers " + status + quoted);
    };
  }

  /// The same for a failure that vault-java-driver reports: it puts the body into its message.
  static VaultException ofDriver(String what, int status, String message) {
    int start = message.indexOf('{');
    if (status / 100 == 2) {
      return new VaultException(
          Reason.NOT_JSON,
          what + ": the answer is no JSON\nhint: a proxy or another program answers there");
    }
    byte[] body = start < 0 ? new byte[0] : message.substring(start).getBytes(UTF_8);
    return of(what, status, body);
  }

  /// Up to two of the server's own error texts. An answer with a body that is no JSON is a proxy's.
  private static List<String> errors(String what, byte[] body) {
    if (body.length == 0) {
      return List.of();
    }
    JsonNode json = Json.parse(what, body);
    var errors = new ArrayList<String>();
    for (JsonNode error : json.path("errors").values()) {
      if (errors.size() < 2 && error.isString()) {
        errors.add(bounded(error.stringValue()));
      }
    }
    return errors;
  }

  private static String bounded(String text) {
    String clean = CONTROL.matcher(TOKEN.matcher(text).replaceAll("***")).replaceAll(" ").strip();
    return clean.length() > QUOTED_CHARS ? clean.substring(0, QUOTED_CHARS) + "…" : clean;
  }
}
