package dev.lifeboat.lab;

import dev.lifeboat.config.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The product's own command line, as an administrator at one node with the root token runs it.
record ProductCommand(Cluster cluster, ClusterNode node, Secret token) {
  /// At the leader.
  static ProductCommand of(Cluster cluster) {
    return new ProductCommand(
        cluster,
        cluster.leader().orElseThrow(() -> new LabException("nobody leads")),
        cluster.rootToken());
  }

  Run run(String... arguments) {
    var command = new ArrayList<String>();
    command.add(cluster.binary().path().toString());
    command.addAll(List.of(arguments));
    var builder =
        new ProcessBuilder(command).redirectErrorStream(true).directory(cluster.folder().toFile());
    builder.environment().clear();
    for (String prefix : List.of("VAULT_", "BAO_")) {
      builder.environment().put(prefix + "ADDR", node.address().toString());
      builder.environment().put(prefix + "TOKEN", token.reveal());
    }
    try {
      var process = builder.start();
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Run(process.waitFor(), output, "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }
}
