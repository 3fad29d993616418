package dev.lifeboat.telemetry;

import dev.lifeboat.vault.Health;
import dev.lifeboat.vault.NativeMetrics;
import dev.lifeboat.vault.Product;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.watch.NodeState;
import dev.lifeboat.watch.Role;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Holds the node's own telemetry for the next scrape: one target for a node instead of two.
///
/// Names and values are passed on untouched. What is not passed on: metrics that are not allowed,
/// what exceeds the limit, and what contradicts the node (see [Selection]). An answer that is not
/// this node's own is refused.
public final class Relay {
  /// After so many intervals without a good answer nothing is passed on: no frozen figures.
  private static final int INTERVALS_KEPT = 3;

  /// @param up whether the last fetch gave something; empty when there was nothing to ask
  /// @param problem why it did not
  public record Facts(
      Optional<Boolean> up,
      int series,
      int notAllowed,
      int overLimit,
      int contradictions,
      Optional<String> problem) {
    static Facts nothing(Optional<String> problem) {
      return new Facts(
          problem.isPresent() ? Optional.of(false) : Optional.empty(), 0, 0, 0, 0, problem);
    }
  }

  private record Held(Facts facts, Rendered rendered, Role role, long nanos) {}

  private final TelemetryConfig config;
  private final Function<Boolean, NativeMetrics> fetching;
  private final Supplier<NodeState> state;
  private final LongSupplier nanos;
  private Optional<String> clusterName = Optional.empty();
  private volatile Held held;

  /// @param fetching told whether to send our token; may throw [VaultException]
  public Relay(
      TelemetryConfig config,
      Function<Boolean, NativeMetrics> fetching,
      Supplier<NodeState> state,
      LongSupplier nanos) {
    this.config = config;
    this.fetching = fetching;
    this.state = state;
    this.nanos = nanos;
    this.held = nothing(Optional.empty(), Role.UNREACHABLE);
  }

  /// Fetches once.
  public void look() {
    NodeState now = state.get();
    Role role = now.role();
    now.health().known().flatMap(Health::clusterName).ifPresent(this::named);
    if (!answers(role, now.product())) {
      held = nothing(Optional.empty(), role);
      return;
    }
    try {
      String text = fetching.apply(config.login()).text();
      held = held(Selection.of(text, config, role == Role.ACTIVE, clusterName), role);
    } catch (VaultException e) {
      held = nothing(Optional.of(String.valueOf(e.getMessage())), role);
    }
  }

  /// As it stands in the text, whose bytes are one character each.
  private void named(String name) {
    clusterName =
        Optional.of(new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
  }

  /// Without a token a node answers in every state. With one, a sealed node has no answer, and a
  /// standby of Vault none of its own.
  private boolean answers(Role role, Product product) {
    return switch (role) {
      case UNREACHABLE -> false;
      case ACTIVE -> true;
      case STANDBY, PERF_STANDBY -> !config.login() || product == Product.OPENBAO;
      case DR_SECONDARY, SEALED, UNINITIALIZED, REMOVED -> !config.login();
    };
  }

  private Held held(Selection selection, Role role) {
    // A belt to the braces of the header that forbids forwarding.
    boolean saysActive = selection.value("vault_core_active").filter("1"::equals).isPresent();
    if (saysActive && role != Role.ACTIVE) {
      return nothing(
          Optional.of("the telemetry is that of an active node, and this node is not active"),
          role);
    }
    Facts facts =
        new Facts(
            Optional.of(true),
            selection.series(),
            selection.notAllowed(),
            selection.overLimit(),
            selection.contradictions(),
            Optional.empty());
    return new Held(facts, Rendered.of(selection.families()), role, nanos.getAsLong());
  }

  private Held nothing(Optional<String> problem, Role role) {
    return new Held(Facts.nothing(problem), Rendered.NOTHING, role, nanos.getAsLong());
  }

  /// The last answer, unless it is too old, or of another role than the node has now: what a node
  /// said as the leader is not true of it as a standby.
  private Held current() {
    Held now = held;
    Duration limit = config.interval().multipliedBy(INTERVALS_KEPT);
    boolean old = nanos.getAsLong() - now.nanos() > limit.toNanos();
    return old || now.role() != state.get().role() ? nothing(Optional.empty(), now.role()) : now;
  }

  public Facts facts() {
    return current().facts();
  }

  /// A page with all of it after everything else, and before the last line of OpenMetrics.
  ///
  /// @param end of the page, which must stay there; empty in the text format
  public byte[] appendedTo(byte[] page, byte[] end, boolean openMetrics) {
    Rendered relayed = current().rendered();
    int length = relayed.length(openMetrics);
    if (length == 0) {
      return page;
    }
    byte[] whole = Arrays.copyOf(page, page.length + length);
    relayed.copyTo(whole, page.length - end.length, openMetrics);
    System.arraycopy(end, 0, whole, whole.length - end.length, end.length);
    return whole;
  }

  /// What went wrong, for the log and the collector's success.
  public List<String> problems() {
    return facts().problem().stream().toList();
  }
}
