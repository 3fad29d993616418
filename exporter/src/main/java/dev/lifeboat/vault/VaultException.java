package dev.lifeboat.vault;

import java.util.Locale;

/// A call to a node did not give what was asked for.
///
/// The message names the node and the path and ends, where there is something to do, with a line
/// `hint: …`. It never holds a token or a response body.
public final class VaultException extends RuntimeException {
  /// Why, as a metric label (lower case) and as a decision: may the same call be tried again?
  public enum Reason {
    /// Connection refused, reset, no route, unknown host.
    UNREACHABLE(true),
    /// Connected, but no answer in time.
    TIMEOUT(true),
    /// The answer ended early.
    TRUNCATED(true),
    /// A body stream stood still for longer than the stall timeout.
    STALLED(true),
    /// An answer that is not JSON where JSON was due: a proxy's page, another program's port.
    NOT_JSON(false),
    /// The certificate or the handshake was refused, by us or by the node.
    TLS(false),
    /// 403: the token is missing, expired, revoked or lacks the policy.
    DENIED(false),
    /// 503 with `Vault is sealed`.
    SEALED(true),
    /// 404: no such path, mount or feature here.
    NOT_FOUND(false),
    /// The node sent us to an address that is not a known peer.
    REDIRECT_REFUSED(false),
    /// Nobody leads, or the leader's address is unknown.
    NO_LEADER(true),
    /// No login is configured, or its secret cannot be read.
    NO_CREDENTIAL(false),
    /// 400 and every other answer that names a fault of the request.
    REFUSED(false),
    /// 5xx other than sealed.
    SERVER_ERROR(true);

    private final boolean retryable;

    Reason(boolean retryable) {
      this.retryable = retryable;
    }

    public boolean retryable() {
      return retryable;
    }

    /// The label value: `not_json`.
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Reason reason;

  public VaultException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public VaultException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }

  /// The message without its hint.
  public String sentence() {
    return getMessage().split("\nhint: ", 2)[0];
  }

  /// What there is to do; empty when there is nothing.
  public String hint() {
    String[] parts = getMessage().split("\nhint: ", 2);
    return parts.length > 1 ? parts[1] : "";
  }

  public Reason reason() {
    return reason;
  }
}
