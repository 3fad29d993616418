package dev.lifeboat.cli;

import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.unseal.AutoUnseal;
import dev.lifeboat.unseal.Leading;
import dev.lifeboat.unseal.Opening;
import dev.lifeboat.unseal.Opening.Result;
import dev.lifeboat.unseal.Share;
import dev.lifeboat.unseal.Unsealing;
import dev.lifeboat.vault.RequestObserver;
import dev.lifeboat.vault.SealStatus;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.vault.VaultConfig;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultNode;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lifeboat unseal`: opens one node or all, and says why one that opens itself has not.
@Command(
    name = "unseal",
    header = "Open sealed nodes with shares of the unseal key.",
    description = {
      "Looks at the nodes, prints what it will do, and asks. Forgets what others have given to a",
      "node, gives the shares one right after the other, and waits until a node leads. More shares",
      "than are needed are welcome: those that fit are found. Of a node that opens itself it says",
      "what its seal needs, and tries that."
    })
final class UnsealCommand implements Verb {
  private static final Duration LEADER = Duration.ofSeconds(30);

  @Mixin private final ConfigOption config = new ConfigOption();

  @ArgGroup private @Nullable Which which;

  @Mixin private final ShareSources sources = new ShareSources();

  @Option(
      names = "--add",
      description =
          "Give shares to those that the node has, and forget none: for custodians at several"
              + " machines.")
  private boolean add;

  @Option(
      names = "--recovery",
      description =
          "The shares are of a recovery key, for a node that opens itself and was sealed by hand."
              + " Its key must answer all the same.")
  private boolean recovery;

  @Mixin private final PlanOptions options = new PlanOptions();

  /// What the product's own command takes here.
  @Parameters(hidden = true)
  private List<String> stray = new ArrayList<>();

  /// Which nodes.
  static final class Which {
    @Option(names = "--all", description = "vault.address and every one of vault.peers.")
    private boolean all;

    @Option(
        names = "--node",
        paramLabel = "URL",
        description = "One of them. Default: vault.address.")
    private @Nullable URI node;
  }

  /// A node before anything is done.
  ///
  /// @param status empty when it does not answer
  record Seen(VaultNode node, Optional<SealStatus> status) {
    static Seen of(VaultNode node) {
      try {
        return new Seen(node, Optional.of(node.sealStatus()));
      } catch (VaultException e) {
        // Asked again when it is its turn, and why it does not answer is said then.
        return new Seen(node, Optional.empty());
      }
    }

    /// Whether shares can open it.
    boolean waiting(boolean recovery) {
      return status.filter(s -> s.initialized() && s.sealed() && !s.migration()).isPresent()
          && recovery != status.get().type().equals("shamir");
    }

    int threshold() {
      return status.map(SealStatus::threshold).orElse(0);
    }
  }

  @Override
  public Exit run(Surroundings surroundings) throws InterruptedException {
    LifeboatConfig read = config.read(surroundings);
    ShareSources.refuseArguments(stray);
    options.check();
    try (VaultClient client = VaultClient.open(read.vault(), RequestObserver.NONE)) {
      List<Seen> seen = nodes(client).stream().map(Seen::of).toList();
      List<Seen> waiting = seen.stream().filter(each -> each.waiting(recovery)).toList();
      int needed = add ? 1 : waiting.stream().mapToInt(Seen::threshold).max().orElse(0);
      if (!options.json()) {
        surroundings.out().print(UnsealText.plan(seen, waiting, sources.words(read.unseal()), add));
      }
      if (which != null && which.all && seen.size() == 1) {
        surroundings.err().println("lifeboat: vault.peers names no other node");
      }
      if (options.plan()) {
        return Exit.OK;
      }
      List<Share> shares = List.of();
      if (!waiting.isEmpty()) {
        String question = "Give shares to %s?".formatted(Words.count(waiting.size(), "node"));
        if (!Question.agreed(question, options.yes(), surroundings)) {
          surroundings.err().println("nothing was sent");
          return Exit.OK;
        }
        shares = sources.read(read, needed, add, surroundings);
      }
      return carryOut(read, seen, shares, surroundings);
    }
  }

  private List<VaultNode> nodes(VaultClient client) {
    if (which == null) {
      return List.of(client.own());
    }
    return which.node == null ? client.nodes() : List.of(client.node(which.node));
  }

  private Exit carryOut(
      LifeboatConfig read, List<Seen> seen, List<Share> shares, Surroundings surroundings)
      throws InterruptedException {
    List<Opening> openings = new ArrayList<>();
    for (Seen each : seen) {
      Opening opening = act(each, shares);
      openings.add(opening);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (!options.json()) {
        surroundings.out().print(UnsealText.line(opening));
        surroundings.out().flush();
      }
    }
    List<AutoUnseal.Finding> findings = examine(read, seen, openings);
    Optional<URI> leader = leader(read.vault(), seen, openings);
    surroundings
        .out()
        .print(
            options.json()
                ? Json.text(UnsealText.json(openings, findings, leader))
                : UnsealText.end(openings, findings, leader));
    return exit(openings, leader);
  }

  /// Only what the plan said, and was agreed to.
  private Opening act(Seen seen, List<Share> shares) throws InterruptedException {
    Unsealing unsealing = new Unsealing(seen.node());
    if (!seen.waiting(recovery)) {
      return unsealing.look(recovery);
    }
    return add ? unsealing.add(shares, recovery) : unsealing.open(shares, recovery);
  }

  /// Waited for where a node has just been opened.
  private static Optional<URI> leader(VaultConfig config, List<Seen> seen, List<Opening> openings)
      throws InterruptedException {
    List<URI> open =
        openings.stream().filter(each -> each.result().open()).map(Opening::address).toList();
    boolean elect = openings.stream().anyMatch(each -> each.result() == Result.OPENED);
    List<VaultNode> asked =
        seen.stream().map(Seen::node).filter(node -> open.contains(node.address())).toList();
    return new Leading(config).await(asked, elect ? LEADER : Duration.ZERO);
  }

  /// Only where a node should have opened itself, or may be down because its key does not answer.
  private static List<AutoUnseal.Finding> examine(
      LifeboatConfig read, List<Seen> seen, List<Opening> openings) {
    boolean silent =
        openings.stream()
            .anyMatch(
                each -> each.result() == Result.AUTO_UNSEAL || each.result() == Result.UNREACHABLE);
    Optional<String> type =
        seen.stream()
            .flatMap(each -> each.status().stream())
            .map(SealStatus::type)
            .filter(seal -> !seal.equals("shamir"))
            .findFirst();
    return silent ? new AutoUnseal(read.unseal()).examine(type) : List.of();
  }

  /// Of the first node that is not as it should be; then whether the cluster serves.
  private static Exit exit(List<Opening> openings, Optional<URI> leader) {
    for (Opening opening : openings) {
      switch (opening.result()) {
        case OPENED, OPEN, TAKEN -> {}
        case UNREACHABLE -> {
          return Exit.VAULT_UNAVAILABLE;
        }
        default -> {
          return Exit.UNSEAL_FAILED;
        }
      }
    }
    boolean none = openings.stream().noneMatch(each -> each.result().open());
    return none || leader.isPresent() ? Exit.OK : Exit.VAULT_UNAVAILABLE;
  }

  @Override
  public Set<Exit> exits() {
    return EnumSet.of(
        Exit.CONFIGURATION, Exit.VAULT_UNAVAILABLE, Exit.KMS_FAILED, Exit.UNSEAL_FAILED);
  }
}
