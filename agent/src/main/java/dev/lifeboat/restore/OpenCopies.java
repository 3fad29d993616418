package dev.lifeboat.restore;

import dev.lifeboat.machine.MachineException;
import dev.lifeboat.restore.RestoreException.Reason;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Copies of a living cluster that a search for the newest good backup has left open.
///
/// Such a copy knows the leases of its time, and revokes them when they run out.
final class OpenCopies {
  private OpenCopies() {}

  /// Stops them.
  ///
  /// @param run that has opened them
  /// @return the nodes of which that is not certain, and why
  static Map<String, String> stop(List<Node> nodes, String run, String who)
      throws InterruptedException {
    Map<String, String> left = new LinkedHashMap<>();
    for (Node node : nodes) {
      try {
        node.storage().lock(run, who);
        if (node.running() || node.look().isPresent()) {
          node.stop();
        }
      } catch (RestoreException e) {
        // What runs on a node that another run has by now is that one's.
        if (e.reason() != Reason.BUSY) {
          left.put(node.id(), words(e));
        }
      } catch (MachineException e) {
        left.put(node.id(), words(e));
      }
    }
    return left;
  }

  private static String words(RuntimeException e) {
    return "may run still, with an open copy: " + e.getMessage();
  }
}
