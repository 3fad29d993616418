package dev.lifeboat.restore;

import dev.lifeboat.machine.MachineConfig;
import dev.lifeboat.raftlog.BoltFile;
import dev.lifeboat.restore.FakeRaft.Data;
import dev.lifeboat.unseal.FakeSeal;
import dev.lifeboat.vault.FakeVault.Reply;
import dev.lifeboat.vault.FakeVault.Request;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A fake: one node of a [FakeRaft]. It runs while there is a file `running`, and what it knows is
/// what lies in its storage folder, so that whoever moves that away has emptied it.
final class FakeRaftNode {
  /// What becomes of the next snapshot.
  enum Submission {
    /// Taken over, but the answer never comes.
    LOST_AND_APPLIED,
    /// Nor is it taken over.
    LOST,
    /// Answered, and nothing happens.
    IGNORED,
    REFUSED,
    /// The server dies of it; what it took over lies on the disk.
    DEADLY
  }

  /// What is wrong with it.
  enum Fault {
    /// Runs, and answers nothing.
    MUTE,
    /// Its machine says nothing.
    NO_MACHINE,
    START_FAILS,
    /// Its storage folder is gone, as far as its machine knows.
    NO_FOLDER,
    STOP_FAILS,
    /// Does not die when it is stopped.
    IMMORTAL,
    /// Joins nobody.
    LONELY,
    /// Finds no leader when it is told the first time whom to join.
    HASTY,
    /// Says that it does not vote.
    NO_VOTE,
    /// Knows no mounts.
    STALE,
    /// Reads an older canary than was written.
    BEHIND,
    /// Knows a login only when it is asked the second time, path by path.
    LATE,
    /// Says so little of its index.
    SLOW,
    /// Says so little of its index, and nothing of it when it is asked first.
    WAKING,
    /// Says nothing of its index from the third time on.
    FADING,
    /// A backup writes the canary when it was read here.
    WRITTEN,
    /// The same each time.
    RESTLESS,
    /// The same, and after that it is asked too much.
    LIMITED,
    /// Says that somebody else leads.
    ASTRAY,
    /// A peer that was removed stays.
    KEEPS_PEERS,
    /// Refuses the shares of what it took over until it is restarted (T33).
    STICKY,
    /// What it reads cannot be decrypted.
    ROTTEN,
    /// Autopilot calls it unhealthy.
    UNHEALTHY,
    /// Its server's log says so.
    LOGS_DAMAGE
  }

  private final FakeRaft raft;
  private final String id;
  private final Path folder;
  private final String clusterAddress;
  private final FakeSeal seal = new FakeSeal(1, Set.of());
  private final Queue<Submission> next = new ArrayDeque<>();
  private final Set<Fault> faults = EnumSet.noneOf(Fault.class);
  private final Set<String> known = new HashSet<>();
  private long booted;
  private int askedWhoLeads;
  private boolean limited;
  private String version = "2.7.2";
  private String storageType = "raft";

  FakeRaftNode(FakeRaft raft, String id, Path above, String clusterAddress) {
    this.raft = raft;
    this.id = id;
    this.folder = above.resolve(id);
    this.clusterAddress = clusterAddress;
    try {
      Files.createDirectories(storage());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    on("sys/seal-status", _ -> Reply.json(200, status()));
    on("sys/leader", _ -> whoLeads());
    on("sys/health", _ -> known(data -> health(data)));
    on("sys/init", this::init);
    on("sys/unseal", this::unseal);
    on("sys/storage/raft/snapshot", this::snapshot);
    on("sys/storage/raft/snapshot-force", this::snapshot);
    on("sys/storage/raft/join", this::join);
    on("auth/approle/login", _ -> known(data -> Reply.grant(raft.login(data), 3600, true)));
    known("sys/storage/raft/configuration", (data, _) -> configuration(data));
    known("sys/storage/raft/autopilot/state", (data, _) -> autopilot(data));
    known("sys/storage/raft/remove-peer", this::removePeer);
    known("sys/mounts", (data, _) -> mounts(data));
    known("sys/internal/ui/mounts/secret/canary", (_, _) -> mount());
    known("secret/data/canary", this::canary);
    known("auth/token/lookup-self", (_, _) -> Reply.lookup(3600, false));
    known("auth/token/revoke-self", (_, _) -> Reply.body(204, "text/plain", new byte[0]));
  }

  private interface Known {
    Reply to(Data data, Request request);
  }

  /// For whoever has a token of the data that are open.
  private void known(String path, Known known) {
    on(
        path,
        request ->
            known(
                data ->
                    data.tokens().contains(request.token())
                        ? known.to(data, request)
                        : Reply.denied()));
  }

  private Reply known(Function<Data, Reply> script) {
    Optional<Data> data = data().filter(this::serves);
    if (data.isEmpty()) {
      return Reply.json(503, "{\"errors\":[\"Vault is sealed\"]}");
    }
    return raft.leader(data.get()).isEmpty()
        ? Reply.json(
            500, "{\"errors\":[\"local node not active but active cluster node not found\"]}")
        : script.apply(data.get());
  }

  private void on(String path, Function<Request, Reply> script) {
    seal.vault()
        .script(
            path,
            request -> {
              synchronized (raft) {
                if (!runs() || faults.contains(Fault.MUTE)) {
                  return Reply.cut();
                }
                boot();
                if (faults.contains(Fault.LATE) && !request.token().isEmpty() && known.add(path)) {
                  return Reply.json(403, "{\"errors\":[\"permission denied\"]}");
                }
                return script.apply(request);
              }
            });
  }

  String id() {
    return id;
  }

  URI address() {
    return seal.vault().address();
  }

  String clusterAddress() {
    return clusterAddress;
  }

  Path storage() {
    return folder.resolve("data");
  }

  FakeSeal seal() {
    return seal;
  }

  FakeRaftNode next(Submission... submissions) {
    next.addAll(List.of(submissions));
    return this;
  }

  FakeRaftNode fault(Fault fault) {
    faults.add(fault);
    return this;
  }

  FakeRaftNode heal() {
    faults.clear();
    return this;
  }

  FakeRaftNode is(String otherVersion, String otherStorage) {
    version = otherVersion;
    storageType = otherStorage;
    return this;
  }

  boolean votes() {
    return storageType.equals("raft");
  }

  NodeConfig config() {
    return config(Optional.of(clusterAddress));
  }

  NodeConfig config(Optional<String> cluster) {
    String running = folder.resolve("running").toString();
    return new NodeConfig(
        id,
        address(),
        cluster,
        Optional.of(faults.contains(Fault.NO_FOLDER) ? folder.resolve("gone") : storage()),
        faults.contains(Fault.START_FAILS) ? List.of("sh", "-c", "echo no >&2; exit 3") : start(),
        stop(running),
        faults.contains(Fault.NO_MACHINE)
            ? List.of("/no/such/program")
            : List.of("test", "-e", running),
        faults.contains(Fault.LOGS_DAMAGE)
            ? List.of("echo", "failed to open bolt file: invalid database")
            : List.of("true"),
        new MachineConfig(Optional.empty(), List.of()));
  }

  private List<String> start() {
    return List.of("sh", "-c", "echo >> \"$0/starts\"; : > \"$0/running\"", folder.toString());
  }

  private List<String> stop(String running) {
    if (faults.contains(Fault.STOP_FAILS)) {
      return List.of("false");
    }
    return faults.contains(Fault.IMMORTAL) ? List.of("true") : List.of("rm", "-f", running);
  }

  String block() {
    NodeConfig config = config();
    return """
      %s {
        address = "%s", cluster-address = "%s", storage = "%s"
        start = %s, stop = %s, running = %s, log = %s
      }
      """
        .formatted(
            id,
            address(),
            clusterAddress,
            storage(),
            list(config.start()),
            list(config.stop()),
            list(config.running()),
            list(config.log()));
  }

  private static String list(List<String> command) {
    return JsonMapper.shared().writeValueAsString(command);
  }

  void starts() {
    Path starts = folder.resolve("starts");
    write(starts, (Files.exists(starts) ? FakeRaft.text(starts) : "") + "x");
    write(folder.resolve("running"), "");
  }

  void dies() {
    try {
      Files.deleteIfExists(folder.resolve("running"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean runs() {
    return Files.exists(folder.resolve("running"));
  }

  /// How often its server was started.
  long started() {
    Path starts = folder.resolve("starts");
    return Files.exists(starts) ? FakeRaft.text(starts).length() : 0;
  }

  private static void write(Path file, String text) {
    write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void write(Path file, byte[] content) {
    try {
      Files.createDirectories(Objects.requireNonNull(file.getParent()));
      Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// As if it had taken part until that entry of the log.
  FakeRaftNode keeps(Data data, long term, long index) {
    Data key = faults.contains(Fault.STICKY) ? data().orElse(data) : data;
    write(storage().resolve("vault.db"), BoltFile.applied(term, index));
    write(storage().resolve("raft/raft.db"), BoltFile.log(4096, term, index));
    write(storage().resolve("cluster-id"), data.id());
    seal.closes(key.threshold(), key.shares());
    return this;
  }

  /// As if its data had never been there.
  void forgets() {
    try {
      Files.delete(storage().resolve("cluster-id"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Optional<Data> data() {
    Path file = storage().resolve("cluster-id");
    return Files.exists(file) ? raft.data(FakeRaft.text(file)) : Optional.empty();
  }

  /// A server that was started knows nothing but what lies there.
  private void boot() {
    long starts = started();
    if (booted == starts) {
      return;
    }
    booted = starts;
    Path peers = storage().resolve("raft/peers.json");
    Optional<Data> data = data();
    if (data.isPresent() && Files.exists(peers)) {
      data.get().peers().clear();
      JsonMapper.shared()
          .readTree(FakeRaft.text(peers))
          .forEach(peer -> data.get().peers().add(peer.path("id").asString("")));
      try {
        Files.delete(peers);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    data.ifPresent(kept -> seal.closes(kept.threshold(), kept.shares()));
  }

  void opens() {
    boot();
    seal.opens();
  }

  boolean sealed() {
    return raft.shamir() ? !seal.open() : data().isEmpty();
  }

  boolean serves(Data data) {
    return runs()
        && !faults.contains(Fault.MUTE)
        && data().filter(data::equals).isPresent()
        && booted == started()
        && !sealed();
  }

  private String status() {
    Optional<Data> data = data();
    String cluster =
        data.isPresent() && !sealed()
            ? ",\"cluster_name\":\"lab\",\"cluster_id\":\"%s\"".formatted(data.get().cluster())
            : "";
    return """
        {"type":"%s","initialized":%b,"sealed":%b,"t":%d,"n":3,"progress":%d,"nonce":"",\
        "version":"%s","commit_date":"2026-10-26T20:32:27Z","migration":false,\
        "recovery_seal":%b,"storage_type":"%s"%s}\
        """
        .formatted(
            raft.shamir() ? "shamir" : "static",
            data.isPresent(),
            data.isEmpty() || sealed(),
            data.map(Data::threshold).orElse(0),
            seal.progress(),
            version,
            !raft.shamir(),
            storageType,
            cluster);
  }

  private Reply whoLeads() {
    Optional<Data> data = data().filter(this::serves);
    if (data.isEmpty()) {
      return Reply.json(503, "{\"errors\":[\"Vault is sealed\"]}");
    }
    askedWhoLeads++;
    if ((faults.contains(Fault.FADING) && askedWhoLeads > 2)
        || (faults.contains(Fault.WAKING) && askedWhoLeads == 1)) {
      return Reply.json(500, "{\"errors\":[\"internal error\"]}");
    }
    Optional<FakeRaftNode> leader = raft.leader(data.get());
    String address = leader.map(node -> node.address().toString()).orElse("");
    boolean astray = faults.contains(Fault.ASTRAY);
    return Reply.json(
        200,
        """
        {"ha_enabled":true,"is_self":%b,"leader_address":"%s","raft_committed_index":%d,\
        "raft_applied_index":%d}\
        """
            .formatted(
                leader.filter(this::equals).isPresent() && !astray,
                astray ? "https://10.0.0.1:8200" : address,
                FakeRaft.INDEX,
                faults.contains(Fault.SLOW) || faults.contains(Fault.WAKING) ? 1 : FakeRaft.INDEX));
  }

  private Reply health(Data data) {
    boolean leads = raft.leader(data).filter(this::equals).isPresent();
    return Reply.json(
        leads ? 200 : 429,
        """
        {"initialized":true,"sealed":false,"standby":%b,"performance_standby":false,\
        "server_time_utc":1795435200,"version":"%s","cluster_name":"lab","cluster_id":"%s"}\
        """
            .formatted(!leads, version, data.cluster()));
  }

  private Reply init(Request request) {
    if (data().isPresent()) {
      return Reply.json(400, "{\"errors\":[\"Vault is already initialized\"]}");
    }
    JsonNode body = JsonMapper.shared().readTree(request.body());
    String kind = raft.shamir() ? "secret" : "recovery";
    Data data =
        raft.initialised(
            body.path(kind + "_threshold").asInt(0), body.path(kind + "_shares").asInt(0));
    data.peers().add(id);
    var _ = keeps(data, 1, 5);
    String keys = list(FakeRaft.base64(data.shares()));
    return Reply.json(
        200,
        "{\"keys_base64\":%s,\"root_token\":\"%s\"}"
            .formatted(raft.shamir() ? keys : "[]", data.tokens().iterator().next()));
  }

  private Reply unseal(Request request) {
    if (data().isEmpty()) {
      return Reply.json(400, "{\"errors\":[\"Vault is not initialized\"]}");
    }
    Reply reply = seal.unseal(request);
    if (seal.open()) {
      data().orElseThrow().peers().add(id);
    }
    return reply;
  }

  private Reply snapshot(Request request) {
    if (request.method().equals("GET")) {
      return known(
          data ->
              data.tokens().contains(request.token())
                  ? Reply.body(200, "application/gzip", archive())
                  : Reply.denied());
    }
    Optional<Data> data = data().filter(this::serves);
    if (data.isEmpty() || !data.get().tokens().contains(request.token())) {
      return Reply.denied();
    }
    raft.submitted(data.get());
    Optional<Submission> what = Optional.ofNullable(next.poll());
    boolean foreign = raft.shamir() && !request.path().endsWith("-force");
    if (foreign || what.filter(Submission.REFUSED::equals).isPresent()) {
      return Reply.json(400, "{\"errors\":[\"could not verify hash file, possibly other keys\"]}");
    }
    if (what.isEmpty() || !EnumSet.of(Submission.LOST, Submission.IGNORED).contains(what.get())) {
      Data restored = raft.restored();
      restored.peers().add(id);
      var _ = keeps(restored, 3, FakeRaft.INDEX);
    }
    if (what.filter(Submission.DEADLY::equals).isPresent()) {
      dies();
    }
    return what.isEmpty() || what.get() == Submission.IGNORED
        ? Reply.body(204, "text/plain", new byte[0])
        : Reply.cut();
  }

  static byte[] archive() {
    String name = "/dev/lifeboat/archive/openbao-2.7.2.snap";
    try (InputStream in = FakeRaftNode.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Reply join(Request request) {
    String address =
        JsonMapper.shared().readTree(request.body()).path("leader_api_addr").asString("");
    Optional<Data> theirs = raft.at(address).flatMap(FakeRaftNode::data);
    if (theirs.isEmpty() || faults.contains(Fault.LONELY) || faults.remove(Fault.HASTY)) {
      return Reply.json(500, "{\"errors\":[\"failed to join raft cluster\"]}");
    }
    var _ = keeps(theirs.get(), 3, FakeRaft.INDEX);
    if (!raft.shamir()) {
      theirs.get().peers().add(id);
    }
    return Reply.json(200, "{\"joined\":true}");
  }

  private Reply configuration(Data data) {
    String servers =
        raft.nodes().stream()
            .filter(node -> data.peers().contains(node.id()))
            .map(
                node ->
                    "{\"node_id\":\"%s\",\"address\":\"%s\",\"leader\":%b,\"voter\":%b}"
                        .formatted(
                            node.id(),
                            node.clusterAddress(),
                            raft.leader(data).filter(node::equals).isPresent(),
                            !node.faults.contains(Fault.NO_VOTE)))
            .collect(Collectors.joining(","));
    return Reply.json(
        200, "{\"data\":{\"config\":{\"index\":0,\"servers\":[%s]}}}".formatted(servers));
  }

  private Reply autopilot(Data data) {
    String servers =
        raft.nodes().stream()
            .filter(node -> data.peers().contains(node.id()))
            .map(
                node ->
                    """
                    "%s":{"id":"%s","name":"%s","address":"%s","node_status":"alive",\
                    "last_contact":"1.5s","last_term":3,"last_index":%d,"healthy":%b,\
                    "stable_since":"2026-11-30T11:00:00Z","status":"voter","version":"2.7.2"}\
                    """
                        .formatted(
                            node.id(),
                            node.id(),
                            node.id(),
                            node.clusterAddress(),
                            FakeRaft.INDEX,
                            !node.faults.contains(Fault.UNHEALTHY)))
            .collect(Collectors.joining(","));
    return Reply.json(
        200,
        "{\"data\":{\"healthy\":true,\"failure_tolerance\":1,\"leader\":\"node-1\",\"voters\":[],"
            + "\"servers\":{%s}}}".formatted(servers));
  }

  private Reply removePeer(Data data, Request request) {
    if (!faults.contains(Fault.KEEPS_PEERS)) {
      data.peers()
          .remove(JsonMapper.shared().readTree(request.body()).path("server_id").asString(""));
    }
    return Reply.body(204, "text/plain", new byte[0]);
  }

  private Reply mounts(Data data) {
    String all =
        data.mounts().entrySet().stream()
            .map(mount -> "\"%s\":{\"type\":\"%s\"}".formatted(mount.getKey(), mount.getValue()))
            .collect(Collectors.joining(","));
    return Reply.json(200, "{\"data\":{%s}}".formatted(faults.contains(Fault.STALE) ? "" : all));
  }

  private static Reply mount() {
    return Reply.json(
        200, "{\"data\":{\"path\":\"secret/\",\"type\":\"kv\",\"options\":{\"version\":\"2\"}}}");
  }

  private Reply canary(Data data, Request request) {
    if (faults.contains(Fault.ROTTEN)) {
      return Reply.json(
          500, "{\"errors\":[\"decryption failed: cipher: message authentication failed\"]}");
    }
    if (limited) {
      return Reply.json(429, "{\"errors\":[\"request path rate limit quota exceeded\"]}");
    }
    if (!request.method().equals("GET")) {
      JsonNode body = JsonMapper.shared().readTree(request.body());
      int written = data.write(body.path("data").path("value").asString(""));
      return Reply.json(200, "{\"data\":{\"version\":%d}}".formatted(written));
    }
    Reply reply =
        Reply.json(
            200,
            "{\"data\":{\"data\":{\"value\":\"%s\"},\"metadata\":{\"version\":%d}}}"
                .formatted(
                    data.value(),
                    faults.contains(Fault.BEHIND) ? data.version() - 1 : data.version()));
    limited = faults.contains(Fault.LIMITED);
    if (limited || faults.remove(Fault.WRITTEN) || faults.contains(Fault.RESTLESS)) {
      int _ = data.write("of another backup");
    }
    return reply;
  }

  void close() {
    seal.vault().close();
  }
}
