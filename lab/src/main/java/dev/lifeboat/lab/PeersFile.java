package dev.lifeboat.lab;

import dev.lifeboat.sandbox.ServerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/// `raft/peers.json` in a node's raft folder: the manual recovery of both products. A node that
/// finds it at its start takes the peers and addresses in it for those in its log, and deletes it.
/// So a stopped cluster can come back on other ports.
final class PeersFile {
  private PeersFile() {}

  static void write(ServerConfig node, List<ClusterNode> all) {
    var peers =
        all.stream()
            .map(
                peer ->
                    Map.of(
                        "id", peer.name(),
                        "address", peer.config().clusterAddress().getAuthority(),
                        "non_voter", false))
            .toList();
    try {
      Files.write(
          node.raftFolder().resolve("raft").resolve("peers.json"),
          JsonMapper.shared().writeValueAsBytes(peers));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
