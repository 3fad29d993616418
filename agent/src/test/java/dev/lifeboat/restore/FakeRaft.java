package dev.lifeboat.restore;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// A fake: nodes of which the server, the storage and the machine are this process, real folders
/// and real commands. They replicate nothing: what all nodes of a cluster know lies here. What real
/// servers do is proven in `lab`.
public final class FakeRaft implements AutoCloseable {
  /// The cluster that a snapshot is of, and the token that it knows.
  public static final String OLD = "14041c9e";

  public static final String TOKEN = "s.old";

  /// What the name of data ends with that lie in another place, of the same cluster.
  private static final String BEFORE = " of before";

  static final int THRESHOLD = 2;
  static final long INDEX = 120;

  private final Path folder;
  private final boolean shamir;
  private final List<FakeRaftNode> nodes = new ArrayList<>();
  private final Map<String, Data> clusters = new LinkedHashMap<>();
  private final List<String> submittedTo = new ArrayList<>();
  private int logins;

  /// What nodes of one cluster know.
  static final class Data {
    private final String id;
    private final int threshold;
    private final Set<String> shares;
    private final Set<String> tokens = new HashSet<>();
    private final Set<String> peers = new LinkedHashSet<>();
    private final Map<String, String> mounts = new LinkedHashMap<>();
    private String leader = "";
    private String value = "";
    private int version;

    Data(String id, int threshold, Set<String> shares, String token) {
      this.id = id;
      this.threshold = threshold;
      this.shares = shares;
      this.tokens.add(token);
    }

    String id() {
      return id;
    }

    /// What servers call it.
    String cluster() {
      return id.replace(BEFORE, "");
    }

    int threshold() {
      return threshold;
    }

    Set<String> shares() {
      return shares;
    }

    Set<String> tokens() {
      return tokens;
    }

    Set<String> peers() {
      return peers;
    }

    Map<String, String> mounts() {
      return mounts;
    }

    String value() {
      return value;
    }

    int version() {
      return version;
    }

    int write(String written) {
      value = written;
      return ++version;
    }
  }

  private FakeRaft(Path folder, boolean shamir) {
    this.folder = folder;
    this.shamir = shamir;
  }

  /// @param shamir whether its nodes are opened by shares; else they open themselves
  public static FakeRaft of(Path folder, boolean shamir, int count) {
    FakeRaft raft = new FakeRaft(folder, shamir);
    for (int i = 1; i <= count; i++) {
      raft.nodes.add(new FakeRaftNode(raft, "node-" + i, folder, "127.0.0.1:" + (10 + i)));
    }
    raft.restored();
    return raft;
  }

  /// All of them are open, with the old data.
  public FakeRaft serving() {
    nodes.forEach(node -> old().peers().add(node.id()));
    nodes.forEach(node -> node.keeps(old(), 3, INDEX).starts());
    nodes.forEach(FakeRaftNode::opens);
    return this;
  }

  /// The first of them have the old data, and no server runs.
  public FakeRaft left(int survivors) {
    nodes.forEach(node -> old().peers().add(node.id()));
    nodes.stream().limit(survivors).forEach(node -> node.keeps(old(), 3, INDEX));
    return this;
  }

  public FakeRaft starts(int number) {
    node(number).starts();
    return this;
  }

  /// From now on its configuration has a command that fails.
  public FakeRaft cannotStart(int number) {
    node(number).fault(FakeRaftNode.Fault.START_FAILS);
    return this;
  }

  /// It says an index that the genuine snapshot which it gives goes beyond.
  public FakeRaft young(int number) {
    node(number).fault(FakeRaftNode.Fault.SLOW);
    return this;
  }

  /// Its data are damaged: it has died, and its log says so.
  public FakeRaft damages(int number) {
    node(number).fault(FakeRaftNode.Fault.LOGS_DAMAGE).dies();
    return this;
  }

  /// Its server does not run any more.
  public FakeRaft stops(int number) {
    node(number).dies();
    return this;
  }

  public FakeRaft heal() {
    nodes.forEach(FakeRaftNode::heal);
    return this;
  }

  /// Whether it is open, with the old data.
  public boolean serves(int number) {
    return node(number).serves(old());
  }

  static String share(int number) {
    byte[] bytes = new byte[33];
    Arrays.fill(bytes, (byte) number);
    return HexFormat.of().formatHex(bytes);
  }

  /// Those that open the old data.
  public static List<String> shares() {
    return List.of(share(1), share(2), share(3));
  }

  /// Whether its nodes are opened by shares.
  public boolean shamir() {
    return shamir;
  }

  List<FakeRaftNode> nodes() {
    return nodes;
  }

  FakeRaftNode node(int number) {
    return nodes.get(number - 1);
  }

  Path folder() {
    return folder;
  }

  List<NodeConfig> configs() {
    return nodes.stream().map(FakeRaftNode::config).toList();
  }

  /// The blocks of `restore.nodes`.
  public String blocks() {
    return String.join("", nodes.stream().map(FakeRaftNode::block).toList());
  }

  public String address(int number) {
    return node(number).address().toString();
  }

  /// To which data snapshots were submitted, in turn.
  synchronized List<String> submittedTo() {
    return List.copyOf(submittedTo);
  }

  Data old() {
    return Objects.requireNonNull(clusters.get(OLD));
  }

  /// What is in the snapshot, as if nobody had written since.
  synchronized Data restored() {
    Data data = new Data(OLD, THRESHOLD, new HashSet<>(shares()), TOKEN);
    data.mounts().putAll(Map.of("secret/", "kv", "sys/", "system"));
    clusters.put(OLD, data);
    return data;
  }

  /// What the nodes were opened with before they were lost, which lies elsewhere still.
  synchronized Data before() {
    return clusters.computeIfAbsent(
        OLD + BEFORE, id -> new Data(id, THRESHOLD, new HashSet<>(shares()), TOKEN));
  }

  /// A cluster of a moment.
  synchronized Data initialised(int threshold, int count) {
    int number = clusters.size();
    Set<String> shares = new LinkedHashSet<>();
    for (int i = 0; i < count; i++) {
      shares.add(share(10 * number + i));
    }
    Data data = new Data("throwaway-" + number, threshold, shares, "s.root-" + number);
    clusters.put(data.id(), data);
    return data;
  }

  /// As sys/init answers them.
  static List<String> base64(Set<String> shares) {
    return shares.stream()
        .map(share -> Base64.getEncoder().encodeToString(HexFormat.of().parseHex(share)))
        .toList();
  }

  synchronized void submitted(Data to) {
    submittedTo.add(to.id());
  }

  /// A login by AppRole: the token is known to those data alone.
  synchronized String login(Data data) {
    String token = "s.login-" + ++logins;
    data.tokens().add(token);
    return token;
  }

  Optional<Data> data(String id) {
    return Optional.ofNullable(clusters.get(id));
  }

  Optional<FakeRaftNode> at(String address) {
    return nodes.stream().filter(node -> node.address().toString().equals(address)).findFirst();
  }

  /// One that a majority of its peers is open with; in a database one is enough.
  synchronized Optional<FakeRaftNode> leader(Data data) {
    List<FakeRaftNode> open =
        nodes.stream()
            .filter(node -> data.peers().contains(node.id()))
            .filter(node -> node.serves(data))
            .toList();
    boolean voting = nodes.stream().anyMatch(FakeRaftNode::votes);
    if (open.size() < (voting ? data.peers().size() / 2 + 1 : 1)) {
      return Optional.empty();
    }
    FakeRaftNode leader =
        open.stream()
            .filter(node -> node.id().equals(data.leader))
            .findFirst()
            .orElse(open.getFirst());
    data.leader = leader.id();
    return Optional.of(leader);
  }

  void leads(String id) {
    old().leader = id;
  }

  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    nodes.forEach(FakeRaftNode::close);
  }
}
