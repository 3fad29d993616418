package dev.lifeboat.restore;

import dev.lifeboat.journal.Step;
import dev.lifeboat.unseal.RootWrite;
import dev.lifeboat.unseal.Share;
import dev.lifeboat.vault.SealStatus;
import dev.lifeboat.vault.VaultConfig;
import dev.lifeboat.vault.VaultException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// Empty nodes that join one that leads, and the proof that they are back.
final class Joining {
  private static final Duration POLL = Duration.ofMillis(200);

  private final Nodes nodes;
  private final Access access;
  private final Proof proof;
  private final Shares shares;
  private final Check check;

  /// Whether a server may join.
  interface Check {
    void require(Node node, SealStatus status);
  }

  Joining(Nodes nodes, Access access, Proof proof, Shares shares, Check check) {
    this.nodes = nodes;
    this.access = access;
    this.proof = proof;
    this.shares = shares;
    this.check = check;
  }

  Step join(Node node) {
    return new Act(
        "join " + node,
        "start %s empty, let it join, open it, wait for its data".formatted(node),
        _ -> joined(node));
  }

  private Map<String, String> joined(Node node) throws InterruptedException {
    SealStatus status = node.running() ? node.api().sealStatus() : node.start();
    check.require(node, status);
    List<Share> found = shares.of(leader().api().sealStatus());
    if (!status.initialized()) {
      invite(node);
    }
    if (!node.open(found) && !openAnew(node, found)) {
      throw RestoreException.failed(
          "%s is not opened by the shares that opened %s\nhint: %s"
              .formatted(node, leader(), "did it join another cluster? see its log"));
    }
    return Map.of("leader", leader().id(), "index", String.valueOf(node.appliedIndex()));
  }

  /// Vault 1.21.0 that was told to join at the wrong moment refused the shares that had opened the
  /// leader, once in 32 runs, for as long as its process lived.
  private boolean openAnew(Node node, List<Share> found) throws InterruptedException {
    node.restart();
    if (!node.api().sealStatus().initialized()) {
      invite(node);
    }
    return node.open(found);
  }

  /// Tells it whom to join, until it has heard: a cluster of which another node was just restarted
  /// has no leader for a moment, and the answer is 500 then.
  private void invite(Node node) throws InterruptedException {
    long deadline = System.nanoTime() + node.bound().toNanos();
    while (true) {
      Node leader = leader();
      try {
        var _ =
            RootWrite.require(
                node.api(), Optional.empty(), "sys/storage/raft/join", invitation(leader));
        return;
      } catch (VaultException e) {
        if (node.look().filter(SealStatus::initialized).isPresent()) {
          // It joins by itself (retry_join), or the answer was late.
          return;
        }
        if (System.nanoTime() >= deadline) {
          throw RestoreException.failed(
              "%s does not join %s: %s\nhint: %s"
                  .formatted(
                      node,
                      leader,
                      e.sentence(),
                      "can it reach the leader's API and cluster port, and does it trust its"
                          + " certificate (vault.tls.ca-file)? its log says more"));
        }
      }
      Thread.sleep(POLL);
    }
  }

  private Map<String, Object> invitation(Node leader) {
    Map<String, Object> body = new HashMap<>();
    URI address = leader.api().leader().address().orElse(leader.config().address());
    body.put("leader_api_addr", address.toString());
    VaultConfig.Tls tls = nodes.vault().tls();
    if (address.getScheme().equals("https") && tls.caFile().isPresent()) {
      body.put("leader_ca_cert", text(tls.caFile().get()));
    }
    return body;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw RestoreException.failed("vault.tls.ca-file %s cannot be read: %s".formatted(file, e));
    }
  }

  /// Who leads now: the one that was restored first may have been followed by another.
  Node leader() throws InterruptedException {
    return Wait.until(
        nodes.first().bound(),
        POLL,
        () -> nodes.all().stream().filter(Node::leads).findFirst(),
        () ->
            RestoreException.failed(
                "no node leads\nhint: lifeboat status and the servers' logs say why; the same"
                    + " command goes on"));
  }

  /// A standby keeps what it knew of mounts from before; the next start reads it anew (T32).
  Step restart(Node node) {
    return new Act(
        "restart " + node,
        "restart %s once, and open it: a standby keeps stale routes".formatted(node),
        _ -> {
          if (node.leads()) {
            return Map.of("restarted", "no: it leads by now, and has read everything anew");
          }
          // Before: a cluster of two has no leader while one of them restarts.
          List<Share> found = shares.of(node.api().sealStatus());
          node.restart();
          if (!node.open(found)) {
            throw RestoreException.failed("%s is not opened after its restart".formatted(node));
          }
          return Map.of("restarted", "yes");
        });
  }

  /// @param back all that are, when it comes to it
  Step prove(Node node, Supplier<List<Node>> back) {
    return new Act(
        "prove " + node,
        "prove %s: %s".formatted(node, proof.words()),
        _ -> {
          Node leader = leader();
          List<Node> witnesses = back.get().stream().filter(each -> each != node).toList();
          return proof.of(node, leader, witnesses, access.token(leader));
        });
  }
}
