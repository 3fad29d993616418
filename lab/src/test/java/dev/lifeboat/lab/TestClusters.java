package dev.lifeboat.lab;

import dev.lifeboat.sandbox.ServerBinary;
import dev.lifeboat.vault.Product;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.SplittableRandom;

/// Clusters as the tests of this package want them.
final class TestClusters {
  private static final int VALUE_BYTES = 384 << 10;

  private TestClusters() {}

  static ServerBinary binary(Product product) {
    return switch (product) {
      case OPENBAO -> Servers.openbao();
      case VAULT -> Servers.vault();
      case UNKNOWN -> throw new LabException("no server is of an unknown product");
    };
  }

  /// A copy of the prepared one of this shape, in `folder/cluster`.
  static Cluster start(Product product, int nodes, Path folder) {
    return start(ClusterPlan.of(binary(product), nodes), folder);
  }

  static Cluster start(ClusterPlan plan, Path folder) {
    return PreparedCluster.prepare(plan).copy(folder.resolve("cluster"));
  }

  /// Writes about so much that cannot be compressed, below a name of its own.
  static void fill(VaultApi root, String name, int mebibytes) {
    var random = new SplittableRandom(mebibytes);
    var value = new byte[VALUE_BYTES];
    int values = (int) (((long) mebibytes << 20) / (VALUE_BYTES / 3 * 4));
    for (int number = 0; number < values; number++) {
      random.nextBytes(value);
      root.post(
              "secret/data/" + name + "/" + number,
              Map.of("data", Map.of("value", Base64.getEncoder().encodeToString(value))))
          .require();
    }
  }
}
