package dev.lifeboat.restore;

import dev.lifeboat.backup.Manifest;
import dev.lifeboat.config.Secret;
import dev.lifeboat.journal.Course;
import dev.lifeboat.journal.Entry;
import dev.lifeboat.journal.Entry.Event;
import dev.lifeboat.journal.Journal;
import dev.lifeboat.journal.Step;
import dev.lifeboat.postgresql.Target;
import dev.lifeboat.vault.SealStatus;
import dev.lifeboat.vault.VaultConfig;
import dev.lifeboat.vault.VaultConfig.Auth;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;

/// One run of a restore, new or taken up again.
public final class Restoring implements AutoCloseable {
  /// The fact of a journal's first line that says what kind of run it is.
  static final String KIND = "kind";

  /// The fact that names the backup.
  static final String BACKUP = "backup";

  static final String NODES = "nodes";

  /// How the first steps begin after which something is not as it was.
  static final String STOP = "stop ";

  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private final RestoreConfig config;
  private final Nodes nodes;
  private final Access access;
  private final Surroundings surroundings;
  private final Run run;
  private final Optional<Target> target;

  /// @param who a line for people: who has begun it, and where
  /// @param journalled is told the number of each line that the journal has on the disk
  public record Surroundings(InstantSource clock, String who, IntConsumer journalled) {}

  /// @param name of the journal
  /// @param earlier the run that is taken up again, by its first line
  public record Run(String kind, String name, Optional<Earlier> earlier) {
    /// Whether a copy of a cluster that lives may be open.
    public boolean hasCopies() {
      return kind.equals(Bisecting.KIND) && earlier.filter(each -> !each.harmless()).isPresent();
    }
  }

  /// @param backup empty for a run that needs none
  /// @param nodes those of then
  /// @param harmless whether nothing was stopped yet
  public record Earlier(Instant begun, Optional<String> backup, String nodes, boolean harmless) {}

  private Restoring(
      RestoreConfig config,
      Nodes nodes,
      Access access,
      Surroundings surroundings,
      Run run,
      Optional<Target> target) {
    this.config = config;
    this.nodes = nodes;
    this.access = access;
    this.surroundings = surroundings;
    this.run = run;
    this.target = target;
  }

  /// The run of this kind that has not ended, or a new one.
  ///
  /// @param kind such as `restore-cluster`
  public static Run find(RestoreConfig config, String kind, InstantSource clock) {
    return Journal.unfinished(
            config.folder(), head -> head.fact(KIND).filter(kind::equals).isPresent())
        .map(file -> named(config, Journal.run(file)))
        .orElseGet(() -> fresh(kind, clock));
  }

  /// One that nobody has begun.
  public static Run fresh(String kind, InstantSource clock) {
    String random = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
    String name = "%s-%s-%s".formatted(STAMP.format(clock.instant()), kind, random);
    return new Run(kind, name, Optional.empty());
  }

  /// One that was begun before.
  public static Run named(RestoreConfig config, String name) {
    List<Entry> entries = Journal.read(file(config, name));
    Entry head = entries.getFirst();
    boolean harmless =
        entries.stream()
            .noneMatch(each -> each.event() == Event.STARTED && each.step().startsWith(STOP));
    return new Run(
        head.fact(KIND).orElse(""),
        name,
        Optional.of(
            new Earlier(head.at(), head.fact(BACKUP), head.fact(NODES).orElse(""), harmless)));
  }

  static Path file(RestoreConfig config, String run) {
    return config.folder().resolve(run + ".journal");
  }

  /// Those that have neither ended nor been given up, the oldest first.
  public static List<String> unfinished(RestoreConfig config) {
    return Journal.runs(config.folder()).stream()
        .filter(file -> !Journal.over(Journal.read(file)))
        .map(Journal::run)
        .toList();
  }

  /// Gives up a run: nothing of it is undone, the nodes are free for another one. A copy that is
  /// open for a check is stopped.
  ///
  /// @return of what could not be given back or stopped how it is now, and why
  public Map<String, String> abandon() throws InterruptedException {
    try (Journal journal = journal(Map.of())) {
      Map<String, String> kept =
          new LinkedHashMap<>(
              run.hasCopies()
                  ? OpenCopies.stop(nodes.all(), run.name(), surroundings.who())
                  : Map.of());
      GiveBack giveBack = new GiveBack(run.name(), journal.entries());
      (run.kind().equals(PostgresqlRestore.KIND)
              ? giveBack.database(this::target)
              : giveBack.nodes(nodes.all()))
          .forEach((what, why) -> kept.merge(what, why, (one, other) -> one + "\n" + other));
      work().clear();
      journal.write(Event.ABANDONED, "", Map.of("who", surroundings.who()));
      return kept;
    }
  }

  /// @param auth with which a node that is back is asked
  public static Restoring open(
      RestoreConfig config, VaultConfig vault, Auth auth, Surroundings surroundings, Run run) {
    return open(
        config,
        vault,
        auth,
        surroundings,
        run,
        config.postgresql().map(database -> Target.of(database, config.folder())));
  }

  static Restoring open(
      RestoreConfig config,
      VaultConfig vault,
      Auth auth,
      Surroundings surroundings,
      Run run,
      Optional<Target> target) {
    Nodes nodes = Nodes.open(config, vault);
    return new Restoring(
        config, nodes, new Access(nodes, auth, surroundings.clock()), surroundings, run, target);
  }

  /// With other nodes than it was begun with, it is not the same run any more.
  private void refuseOtherNodes() {
    run.earlier()
        .map(Earlier::nodes)
        .filter(then -> !then.equals(ClusterRestore.names(nodes.all())))
        .ifPresent(
            then -> {
              throw RestoreException.refused(
                  "run %s was begun with the nodes %s, and restore.nodes has others now\nhint: %s"
                      .formatted(
                          run.name(),
                          then,
                          "put them back as they were; or lifeboat restore abandon, and look at"
                              + " each node before you begin anew: one may lead with the data"));
            });
  }

  /// Each node as it is now.
  public List<Seen> look() throws InterruptedException {
    List<Seen> seen = new ArrayList<>();
    for (Node node : nodes.all()) {
      seen.add(Seen.of(node));
    }
    return seen;
  }

  /// What [#cluster] will do, in words; refuses what cannot be done.
  public List<String> clusterPlan(ClusterOrder order) throws InterruptedException {
    Fence.refuseElsewhere(config, nodes.vault());
    return clusterPlan(order, Around.NOTHING);
  }

  List<String> clusterPlan(ClusterOrder order, Around around) throws InterruptedException {
    refuseOtherNodes();
    Manifest manifest = order.source().manifest();
    ClusterRestore.refuseUnfit(manifest, order.force());
    Set<String> throwaways = throwaways(config);
    for (Node node : nodes.all()) {
      Optional<SealStatus> status = node.look();
      status.ifPresent(each -> ServerCheck.require(node.id(), each, manifest));
      status
          .filter(each -> each.clusterId().filter(throwaways::contains).isEmpty())
          .ifPresent(
              each ->
                  ServerCheck.refuseOther(node.id(), each, manifest.cluster(), order.replaces()));
    }
    ClusterRestore.refuseOldCluster(
        manifest,
        order.oldClusterAccepted(),
        nodes.all(),
        new OldCluster.Known(around.planned(), order.beside()));
    ClusterRestore restore = clusterRestore(order, work(), around);
    List<Step> steps = new ArrayList<>(restore.first());
    nodes.others(nodes.first()).forEach(node -> steps.addAll(restore.others(node)));
    steps.addAll(restore.proofs(nodes.all()));
    steps.addAll(around.serving());
    steps.addAll(restore.last());
    return words(steps);
  }

  /// The clusters that runs of ours have made for a moment, by their ids.
  static Set<String> throwaways(RestoreConfig config) {
    return Journal.runs(config.folder()).stream()
        .flatMap(file -> Journal.read(file).stream())
        .flatMap(entry -> entry.fact(FirstNode.THROWAWAY).stream())
        .collect(Collectors.toSet());
  }

  private List<String> words(List<Step> steps) {
    return withTelling(steps.stream().map(Step::text).toList());
  }

  private List<String> withTelling(List<String> steps) {
    List<String> words = new ArrayList<>(steps);
    if (!config.after().isEmpty()) {
      words.add("tell %s that all is back".formatted(config.after().getFirst()));
    }
    return words;
  }

  /// Carries it out, from where it was when it was begun before.
  public Report cluster(ClusterOrder order, Course.Listener listener) throws InterruptedException {
    return cluster(order, Around.NOTHING, listener);
  }

  Report cluster(ClusterOrder order, Around around, Course.Listener listener)
      throws InterruptedException {
    try (Journal journal = journal(facts(order.source().manifest()))) {
      Work work = work();
      ClusterRestore restore = clusterRestore(order, work, around);
      Course course = new Course(journal, listener);
      course.walk(restore.first());
      work.clear();
      Node first = nodes.first();
      return rest(journal, course)
          .finish(
              new Rest.Back(List.of(first), nodes.others(first), Map.of()),
              restore::others,
              restore::proofs,
              around.serving(),
              restore.last());
    }
  }

  /// What [#postgresql] will do, in words; refuses what cannot be done.
  public List<String> postgresqlPlan(PostgresqlOrder order) throws InterruptedException {
    refuseOtherNodes();
    PostgresqlRestore restore = postgresqlRestore(order, work());
    restore.refuseUnfit(run.earlier().isPresent(), holder -> Files.exists(file(config, holder)));
    List<Step> steps = new ArrayList<>(restore.first());
    nodes.all().forEach(node -> steps.addAll(restore.nodes(node)));
    steps.addAll(restore.proofs(nodes.all()));
    steps.addAll(restore.last());
    return words(steps);
  }

  /// The database as it is now, in half a sentence.
  public String lookAtTarget() {
    return PostgresqlRestore.words(target(), target().look());
  }

  private Target target() {
    return target.orElseThrow(
        () ->
            RestoreException.refused(
                "no database is configured that takes the dump\nhint: restore.postgresql, with an"
                    + " empty one that belongs to the server's user; docs/postgresql.md"));
  }

  private PostgresqlRestore postgresqlRestore(PostgresqlOrder order, Work work) {
    return new PostgresqlRestore(
        nodes, target(), order, access, work, run.name(), surroundings.who());
  }

  /// Carries it out, from where it was when it was begun before.
  public Report postgresql(PostgresqlOrder order, Course.Listener listener)
      throws InterruptedException {
    try (Journal journal = journal(facts(order.source().manifest()))) {
      Work work = work();
      PostgresqlRestore restore = postgresqlRestore(order, work);
      Course course = new Course(journal, listener);
      course.walk(restore.first());
      work.clear();
      return rest(journal, course)
          .finish(
              new Rest.Back(List.of(), nodes.all(), Map.of()),
              restore::nodes,
              restore::proofs,
              restore.last());
    }
  }

  /// What [#quorum] will do, in words; refuses what cannot be done.
  public List<String> quorumPlan(QuorumOrder order) throws InterruptedException {
    Fence.refuseElsewhere(config, nodes.vault());
    refuseOtherNodes();
    return withTelling(quorumRestore(order).words(run.earlier().isPresent()));
  }

  private QuorumRestore quorumRestore(QuorumOrder order) throws InterruptedException {
    return new QuorumRestore(
        nodes,
        order,
        access,
        run.name(),
        surroundings.who(),
        QuorumRestore.survey(nodes, order.dead(), run.earlier().isPresent()));
  }

  /// Carries it out, from where it was when it was begun before.
  public Report quorum(QuorumOrder order, Course.Listener listener) throws InterruptedException {
    Map<String, String> facts = facts();
    facts.put("dead", String.join(", ", order.dead()));
    QuorumRestore restore = quorumRestore(order);
    try (Journal journal = journal(facts)) {
      Course course = new Course(journal, listener);
      course.walk(restore.first());
      Node chosen = restore.chosen(journal);
      course.walk(restore.recover(chosen));
      Map<String, String> gone = new LinkedHashMap<>();
      restore
          .survey()
          .gone()
          .forEach(
              node ->
                  gone.put(
                      node.id(),
                      "its machine does not answer\nhint: move its data away before its server ever"
                          + " starts again, or two of its kind elect a leader of their own; then"
                          + " lifeboat restore node %s".formatted(node)));
      List<Node> others =
          restore.survey().reachable().stream().filter(node -> node != chosen).toList();
      return rest(journal, course)
          .finish(
              new Rest.Back(List.of(chosen), others, gone),
              restore::others,
              restore::proofs,
              restore.last());
    }
  }

  /// What [#node] will do, in words; refuses what cannot be done.
  public List<String> nodePlan(NodeOrder order) throws InterruptedException {
    Fence.refuseElsewhere(config, nodes.vault());
    refuseOtherNodes();
    NodeRestore restore = nodeRestore(order);
    if (run.earlier().isEmpty()) {
      restore.refuseBelowQuorum();
    }
    return words(restore.steps());
  }

  private NodeRestore nodeRestore(NodeOrder order) {
    String id = config.node(order.node()).id();
    Node node = nodes.all().stream().filter(each -> each.id().equals(id)).findFirst().orElseThrow();
    return new NodeRestore(node, nodes, order, access, run.name(), surroundings.who());
  }

  /// Carries it out, from where it was when it was begun before.
  public Report node(NodeOrder order, Course.Listener listener) throws InterruptedException {
    NodeRestore restore = nodeRestore(order);
    Map<String, String> facts = facts();
    facts.put("node", order.node());
    try (Journal journal = journal(facts)) {
      Course course = new Course(journal, listener);
      course.walk(restore.steps());
      Rest rest = rest(journal, course);
      Report report = rest.report(List.of(order.node()), Map.of());
      rest.tell(report);
      course.end();
      return report;
    }
  }

  private Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(KIND, run.kind());
    facts.put(NODES, ClusterRestore.names(nodes.all()));
    facts.put("who", surroundings.who());
    return facts;
  }

  private Map<String, String> facts(Manifest manifest) {
    Map<String, String> facts = facts();
    facts.put(BACKUP, manifest.id());
    facts.put("cluster", manifest.cluster().name());
    facts.put("cluster-id", manifest.cluster().id());
    return facts;
  }

  private ClusterRestore clusterRestore(ClusterOrder order, Work work, Around around) {
    return new ClusterRestore(nodes, order, access, work, run.name(), surroundings.who(), around);
  }

  Node leader() {
    return nodes.all().stream().filter(Node::leads).findFirst().orElseGet(nodes::first);
  }

  /// Of a login into what is back.
  Secret token() {
    return access.token(leader());
  }

  Nodes nodes() {
    return nodes;
  }

  private Work work() {
    return new Work(config.folder(), run.name());
  }

  private Rest rest(Journal journal, Course course) {
    return new Rest(config.after(), journal, course, surroundings.clock());
  }

  private Journal journal(Map<String, String> facts) {
    return run.earlier().isPresent()
        ? Journal.resume(file(config, run.name()), surroundings.clock(), surroundings.journalled())
        : Journal.begin(
            config.folder(), run.name(), facts, surroundings.clock(), surroundings.journalled());
  }

  @Override
  public void close() {
    access.close();
    nodes.close();
  }
}
