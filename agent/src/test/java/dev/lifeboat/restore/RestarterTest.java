package dev.lifeboat.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestarterTest {
  @TempDir Path folder;

  @Test
  void a_node_is_restarted_by_its_commands_and_no_other() throws Exception {
    try (FakeRaft raft = FakeRaft.of(folder, true, 2).serving();
        Restarter restarter = Restarter.open(new Rescue(raft).config(), Rescue.vault())) {
      long first = raft.node(1).started();
      long second = raft.node(2).started();

      restarter.restart(raft.node(2).address());

      assertEquals(second + 1, raft.node(2).started());
      assertEquals(first, raft.node(1).started());
      String refusal = Rescue.refusal(() -> restart(restarter, "http://127.0.0.1:1"));
      assertTrue(refusal.startsWith("REFUSED restore.nodes has no node at"), refusal);
    }
  }

  private static Object restart(Restarter restarter, String address) throws InterruptedException {
    restarter.restart(URI.create(address));
    return "";
  }
}
