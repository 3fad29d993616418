package dev.lifeboat.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.vault.HaStatus;
import dev.lifeboat.vault.Product;
import dev.lifeboat.vault.VaultException.Reason;
import dev.lifeboat.watch.NodeState;
import dev.lifeboat.watch.NodeStates;
import dev.lifeboat.watch.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AuditCollectorTest {
  private static final String FOUND = "vault_node_audit_file_request_found{device=\"file\"} 1.0";

  @TempDir Path folder;

  @Test
  void the_request_of_an_active_node_is_looked_for() throws IOException {
    List<String> lines = Lines.of(looked(NodeStates.active(), entry()));

    assertTrue(lines.contains(FOUND), lines.toString());
    assertTrue(lines.contains("vault_node_audit_file_exists{device=\"file\"} 1.0"));
  }

  static Stream<NodeState> silent() {
    return Stream.of(
        NodeStates.standby(),
        asked(NodeStates.failed(Reason.DENIED)),
        asked(NodeStates.known(new HaStatus(List.of(), Optional.empty()))));
  }

  /// A standby, a node that refused us, and an answer without an id.
  @ParameterizedTest
  @MethodSource("silent")
  void without_an_answer_of_ours_nothing_is_said_of_it(NodeState state) throws IOException {
    List<String> lines = Lines.of(looked(state, entry()));

    assertTrue(lines.stream().noneMatch(line -> line.contains("request_found")), lines.toString());
  }

  @Test
  void a_file_that_cannot_be_looked_at_is_a_problem_and_no_series() throws IOException {
    Path loop = folder.resolve("loop");
    Files.createSymbolicLink(loop, loop);
    var collector =
        new AuditCollector(Map.of("file", loop), NodeStates::active, () -> NodeStates.NOW);

    collector.look();

    assertEquals(List.of(), Lines.of(collector));
    assertEquals(1, collector.problems().size());
  }

  private AuditCollector looked(NodeState state, String text) throws IOException {
    Path file = Files.writeString(folder.resolve("audit.log"), text);
    var collector = new AuditCollector(Map.of("file", file), () -> state, () -> NodeStates.NOW);
    collector.look();
    return collector;
  }

  private static String entry() {
    return "{\"request\":{\"id\":\"" + NodeStates.REQUEST_ID + "\"}}\n";
  }

  private static NodeState asked(Reading<HaStatus> haStatus) {
    return NodeStates.state(
            Product.OPENBAO,
            NodeStates.health(200, false, false),
            NodeStates.seal("static", false, 0),
            NodeStates.leads())
        .withCluster(
            NodeStates.known(NodeStates.raft(3)),
            NodeStates.known(NodeStates.autopilot(1, true, 4711)),
            haStatus)
        .build();
  }
}
