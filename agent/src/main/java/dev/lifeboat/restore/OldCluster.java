package dev.lifeboat.restore;

import dev.lifeboat.backup.Manifest;
import dev.lifeboat.machine.Machine.Ran;
import dev.lifeboat.machine.MachineException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The cluster that was backed up, looked for at every address that the manifest records and that
/// is none of the nodes to be restored.
///
/// A restored node has the old leader's address and the cluster's own certificates in its data, and
/// passes reads and writes on to the old cluster while that can be reached (T31 of the measured
/// facts). So it must not be: neither by API nor by cluster port, neither from here nor from any of
/// the new nodes. Whether an address answers is asked with a connection and nothing more: a sealed
/// server may be opened any moment.
final class OldCluster {
  private static final Duration PROBE = Duration.ofSeconds(20);

  /// Knocks at all of them at once, and prints those that open.
  private static final String KNOCK =
      """
      command -v timeout > /dev/null || exit 127
      while [ $# -gt 1 ]; do
        ( timeout 2 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>/dev/null && echo "$1 $2" ) &
        shift 2
      done
      wait
      echo asked
      """;

  /// What the script ends with: a program that never ran has printed nothing as well.
  private static final String ASKED = "asked";

  private OldCluster() {}

  /// @param from where it can be reached from: `here`, or a node's name
  record Contact(String peer, String address, boolean clusterPort, String from) {
    String words() {
      return "%s of %s at %s, from %s"
          .formatted(clusterPort ? "the cluster port" : "the API", peer, address, from);
    }
  }

  /// @param unknown the nodes whose machine could not be asked
  record Found(List<Contact> contacts, List<String> unknown) {}

  /// `host:port` → which peer, and whether it is a cluster port.
  ///
  /// @param host an address of IPv6 without its brackets
  private record Place(String peer, String host, int port, boolean clusterPort) {
    Place {
      host = host.replaceAll("^\\[|]$", "");
    }

    String text() {
      return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
  }

  /// What is known of who may answer.
  ///
  /// @param passed `host:port` where an answer does not count
  /// @param beside the nodes of now of an old cluster that lives on: reached from here it may be,
  ///   and it may have other nodes than when the backup was taken
  record Known(Set<String> passed, Optional<List<NodeConfig>> beside) {
    static final Known NOTHING = new Known(Set.of(), Optional.empty());
  }

  static Found look(Manifest manifest, List<Node> nodes, Known known) throws InterruptedException {
    List<Contact> contacts = new ArrayList<>();
    List<String> unknown = new ArrayList<>();
    List<Place> places = places(manifest, nodes, known);
    for (Place place : known.beside().isPresent() ? List.<Place>of() : places) {
      if (Reach.answers(place.host(), place.port())) {
        contacts.add(new Contact(place.peer(), place.text(), place.clusterPort(), "here"));
      }
    }
    for (Node node : nodes) {
      try {
        List<String> open = reached(node, places);
        if (!open.contains(ASKED)) {
          unknown.add(node.id());
        }
        for (Place place : places) {
          if (open.contains(place.host() + " " + place.port())) {
            contacts.add(new Contact(place.peer(), place.text(), place.clusterPort(), node.id()));
          }
        }
      } catch (MachineException e) {
        unknown.add(node.id());
      }
    }
    return new Found(contacts, unknown);
  }

  private static List<Place> places(Manifest manifest, List<Node> nodes, Known known) {
    Map<String, Place> places = new LinkedHashMap<>();
    if (manifest.raft().isEmpty()) {
      // Nobody has written down who else there was.
      authority(manifest.takenFrom().toString())
          .ifPresent(
              uri ->
                  add(places, manifest.node(), uri.getHost() + ":" + NodeConfig.port(uri), false));
    }
    for (NodeConfig node : known.beside().orElse(List.of())) {
      add(places, node.id(), node.apiAuthority(), false);
      add(places, node.id(), node.raftAddress(), true);
    }
    for (Manifest.Peer peer : manifest.peers()) {
      peer.apiAddress()
          .flatMap(OldCluster::authority)
          .ifPresent(
              uri -> add(places, peer.id(), uri.getHost() + ":" + NodeConfig.port(uri), false));
      add(places, peer.id(), peer.clusterAddress(), true);
    }
    // A rebuild at the same addresses: what answers there is stopped and emptied, and so is known
    // by what is done to it.
    Set<String> own = new HashSet<>();
    for (Node node : nodes) {
      own.addAll(spellings(node.config().apiAuthority()));
      own.addAll(spellings(node.config().raftAddress()));
    }
    known.passed().forEach(authority -> own.addAll(spellings(authority)));
    return places.values().stream()
        .filter(place -> spellings(place.text()).stream().noneMatch(own::contains))
        .toList();
  }

  private static void add(
      Map<String, Place> places, String peer, String authority, boolean clusterPort) {
    int colon = authority.lastIndexOf(':');
    if (colon > 0 && authority.substring(colon + 1).matches("[0-9]{1,5}")) {
      int port = Integer.parseInt(authority.substring(colon + 1));
      Place place = new Place(peer, authority.substring(0, colon), port, clusterPort);
      places.putIfAbsent(place.text(), place);
    }
  }

  /// Whether a node is one of those that were backed up.
  static boolean was(Manifest manifest, NodeConfig node) {
    Set<String> own = new HashSet<>(spellings(node.apiAuthority()));
    own.addAll(spellings(node.raftAddress()));
    return places(manifest, List.of(), Known.NOTHING).stream()
        .anyMatch(place -> spellings(place.text()).stream().anyMatch(own::contains));
  }

  /// As it is written, and each address that its host has: one name may stand in the manifest and
  /// the other in `restore.nodes`.
  private static Set<String> spellings(String authority) {
    Set<String> spellings = new HashSet<>(Set.of(authority));
    int colon = authority.lastIndexOf(':');
    String port = authority.substring(colon);
    try {
      for (InetAddress address : InetAddress.getAllByName(authority.substring(0, colon))) {
        spellings.add(address.getHostAddress() + port);
      }
    } catch (UnknownHostException e) {
      // Then it is known by its name alone.
    }
    return spellings;
  }

  private static Optional<URI> authority(String address) {
    try {
      URI uri = URI.create(address);
      return Optional.of(uri).filter(each -> each.getHost() != null);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /// A machine that lacks the means cannot be asked, and says so by an exception.
  private static List<String> reached(Node node, List<Place> places) throws InterruptedException {
    if (places.isEmpty()) {
      return List.of(ASKED);
    }
    List<String> command = new ArrayList<>(List.of("bash", "-c", KNOCK, "lifeboat"));
    for (Place place : places) {
      command.add(place.host());
      command.add(String.valueOf(place.port()));
    }
    Ran ran = node.machine().run(command, new byte[0], PROBE);
    return ran.text().lines().toList();
  }
}
