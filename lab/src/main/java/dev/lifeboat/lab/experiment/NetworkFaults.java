package dev.lifeboat.lab.experiment;

import static dev.lifeboat.lab.experiment.Faults.ECHO;
import static dev.lifeboat.lab.experiment.Faults.ONE_LESS;

import dev.lifeboat.lab.Network;
import java.util.List;

/// Faults of the network between the nodes.
final class NetworkFaults {
  private NetworkFaults() {}

  static List<Fault> all() {
    return List.of(
        // The node and its agent go on with each other; nobody else hears of either.
        Faults.fault("network split", Faults.and(ONE_LESS, "VaultExporterDown"), 4, ECHO)
            .on(Ground.NETWORK)
            .strike(
                stage -> network(stage).cut(stage.cluster().nodes().indexOf(stage.leader()) + 1))
            .mend(NetworkFaults::heal));
  }

  private static void heal(AlertStage stage) {
    for (int node = 1; node <= stage.cluster().nodes().size(); node++) {
      network(stage).heal(node);
    }
    stage.cluster().awaitWhole();
  }

  private static Network network(AlertStage stage) {
    return stage.cluster().plan().network().orElseThrow();
  }
}
