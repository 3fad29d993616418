package dev.lifeboat.restore;

import dev.lifeboat.postgresql.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// A fake: the database of the nodes of a [FakeRaft]. What is restored into it, each of them has.
/// What a real one does is proven in `lab`.
final class FakeTarget implements Target {
  private final FakeRaft raft;
  private final List<String> relations = new ArrayList<>();
  private boolean whole;
  private int restored;
  private boolean standby;
  private boolean owned = true;
  private String program = "15.18";
  private String dumpedFrom = "15.3";
  private int filling;
  private List<String> others = List.of();
  private Optional<String> taken = Optional.empty();
  private String where = "127.0.0.1:5432/restored";
  private int deceptive;
  private final Set<Integer> elsewhere = new HashSet<>();
  private Runnable whenFilled = () -> {};

  FakeTarget(FakeRaft raft) {
    this.raft = raft;
    raft.nodes().forEach(node -> node.is("2.7.2", "postgresql"));
  }

  FakeTarget holds(String... tables) {
    relations.addAll(List.of(tables));
    return this;
  }

  FakeTarget standby() {
    standby = true;
    return this;
  }

  FakeTarget ofSomebodyElse() {
    owned = false;
    return this;
  }

  FakeTarget program(String version) {
    program = version;
    return this;
  }

  FakeTarget dumpedFrom(String version) {
    dumpedFrom = version;
    return this;
  }

  /// A pg_restore is at it, for so many looks.
  FakeTarget filling(int looks) {
    filling = looks;
    return this;
  }

  FakeTarget used(String... by) {
    others = List.of(by);
    return this;
  }

  FakeTarget taken(String by) {
    taken = Optional.of(by);
    return this;
  }

  /// These nodes keep their data in the database of before.
  FakeTarget elsewhere(Integer... numbers) {
    elsewhere.clear();
    elsewhere.addAll(List.of(numbers));
    return this;
  }

  /// Something else connects to it whenever a node is started.
  FakeTarget deceptive() {
    return deceptiveFor(Integer.MAX_VALUE);
  }

  /// @param looks after which it is gone
  FakeTarget deceptiveFor(int looks) {
    deceptive = looks;
    return this;
  }

  FakeTarget at(String another) {
    where = another;
    return this;
  }

  FakeTarget whenFilled(Runnable act) {
    whenFilled = act;
    return this;
  }

  int restored() {
    return restored;
  }

  boolean free() {
    return taken.isEmpty();
  }

  @Override
  public String where() {
    return where;
  }

  @Override
  public Found look() {
    List<String> connected = connected().isEmpty() ? others : List.of("openbao from 127.0.0.1");
    return new Found(
        "15.18",
        program,
        standby,
        owned,
        relations,
        whole ? Optional.of("public.openbao_kv_store") : Optional.empty(),
        whole ? 7 : 0,
        filling-- > 0,
        connected,
        taken);
  }

  private Set<String> connected() {
    return raft.nodes().stream()
        .filter(FakeRaftNode::runs)
        .filter(node -> node.data().filter(raft.old()::equals).isPresent())
        .map(node -> node.id() + "-" + node.started())
        .collect(Collectors.toSet());
  }

  @Override
  public Set<String> sessions() {
    Set<String> sessions = connected();
    if (deceptive-- > 0) {
      sessions.add("psql-" + raft.nodes().stream().mapToLong(FakeRaftNode::started).sum());
    }
    return sessions;
  }

  @Override
  public Contents contents(Path dump) {
    return new Contents(Files.exists(dump) ? 3 : 0, dumpedFrom);
  }

  @Override
  public Optional<String> take(String run, String who) {
    if (taken.isEmpty()) {
      taken = Optional.of(run + ", " + who);
    }
    return taken.filter(holder -> !holder.startsWith(run));
  }

  @Override
  public void giveBack(String run) {
    taken = taken.filter(holder -> !holder.startsWith(run));
  }

  @Override
  public void restore(Path dump) {
    restored++;
    whole = true;
    relations.add("public.openbao_kv_store");
    FakeRaft.Data data = raft.restored();
    for (int number = 1; number <= raft.nodes().size(); number++) {
      FakeRaftNode node = raft.node(number);
      var _ = node.keeps(elsewhere.contains(number) ? raft.before() : data, 1, 1);
      if (!raft.shamir()) {
        node.data().orElseThrow().peers().add(node.id());
      }
    }
    whenFilled.run();
  }
}
