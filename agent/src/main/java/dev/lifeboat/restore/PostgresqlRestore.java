package dev.lifeboat.restore;

import dev.lifeboat.backup.Manifest;
import dev.lifeboat.journal.Step;
import dev.lifeboat.postgresql.Target;
import dev.lifeboat.postgresql.Target.Found;
import dev.lifeboat.vault.SealStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Predicate;

/// A whole cluster out of the dump of its database, which goes into an empty one.
final class PostgresqlRestore {
  /*
   * pg_restore fills the database in one transaction: it is empty or whole, whenever somebody
   * dies, and by the row of the keyring it is seen which. So a dump is restored at most once: what
   * is whole is not filled again, and a second pg_restore at the same time would meet the tables of
   * the first.
   */
  static final String KIND = "restore-postgresql";

  /// The step that takes the database, and its fact that says which.
  static final String TAKE = "take the database";

  static final String DATABASE = "database";

  private static final String ATTEMPT = "attempt";

  /// A pg_restore whose parent has died has all of the dump, and commits.
  private static final Duration FILLING = Duration.ofMinutes(10);

  private static final Duration POLL = Duration.ofMillis(200);

  private final Nodes nodes;
  private final Target target;
  private final PostgresqlOrder order;
  private final Work work;
  private final String run;
  private final String who;
  private final Connecting connecting;

  /// @param who a line for people: who has begun the run, and where
  PostgresqlRestore(
      Nodes nodes,
      Target target,
      PostgresqlOrder order,
      Access access,
      Work work,
      String run,
      String who) {
    this.nodes = nodes;
    this.target = target;
    this.order = order;
    this.work = work;
    this.run = run;
    this.who = who;
    Proof proof = new Proof(OptionalLong.empty(), clusterId(), manifest().mounts(), order.canary());
    this.connecting =
        new Connecting(
            nodes,
            target,
            manifest(),
            order.shares(),
            new Joining(nodes, access, proof, Shares.known(order.shares()), (_, _) -> {}));
  }

  private Manifest manifest() {
    return order.source().manifest();
  }

  private Optional<String> clusterId() {
    return Optional.of(manifest().cluster().id()).filter(id -> !id.isEmpty());
  }

  /// Half a sentence.
  static String words(Target target, Found found) {
    return "%s, PostgreSQL %s, %s; pg_restore %s"
        .formatted(
            target.where(),
            found.server(),
            found.keyring().isPresent()
                ? "holds a server's data"
                : found.relations().isEmpty()
                    ? "empty"
                    : "holds " + String.join(", ", found.relations()),
            found.program());
  }

  /// Before anything is begun.
  ///
  /// @param resumed whether a process before this one has begun: then what it did is there
  /// @param ours whether a run was begun here, and so is taken up again or given up
  void refuseUnfit(boolean resumed, Predicate<String> ours) throws InterruptedException {
    Manifest manifest = manifest();
    if (manifest.raft().isPresent()) {
      throw RestoreException.refused(
          "backup %s is a snapshot of raft, not the dump of a database\nhint: lifeboat restore"
                  .formatted(manifest.id())
              + " cluster brings it back; or choose another backup with --id or --at");
    }
    boolean someRun = false;
    for (Node node : nodes.all()) {
      Optional<SealStatus> status = node.look();
      someRun |= status.isPresent();
      status.ifPresent(each -> ServerCheck.require(node.id(), each, manifest));
      status.ifPresent(
          each -> ServerCheck.refuseOther(node.id(), each, manifest.cluster(), order.replaces()));
    }
    Found found = target.look();
    refuseUnfit(found, ours);
    if (!resumed) {
      refuseUnlessEmpty(found);
      if (!someRun) {
        refuseOthers(found);
      }
    }
    refuseOldCluster();
  }

  private void refuseOldCluster() throws InterruptedException {
    ClusterRestore.refuseOldCluster(
        manifest(), order.oldClusterAccepted(), nodes.all(), OldCluster.Known.NOTHING);
  }

  private void refuseUnfit(Found found, Predicate<String> ours) {
    found
        .taken()
        .filter(holder -> !ours.test(holder.split(", ", 2)[0]))
        .ifPresent(
            holder -> {
              throw busy(holder);
            });
    require(
        !found.standby(),
        "is a standby, and takes no writes",
        "name the primary in restore.postgresql.host");
    require(
        found.owned(),
        "does not belong to the user of restore.postgresql",
        "ALTER DATABASE … OWNER TO, the one of the server's connection_url: what is restored"
            + " belongs to whoever restores it");
    require(
        found.programIsNewEnough(),
        "is of PostgreSQL %s, and pg_restore of %s".formatted(found.server(), found.program()),
        "install postgresql-client of the server's version");
  }

  private void refuseUnlessEmpty(Found found) {
    require(
        found.relations().isEmpty(),
        "is not empty: it holds " + String.join(", ", found.relations()),
        "make a new one, CREATE DATABASE … OWNER … TEMPLATE template0, and keep the nodes stopped"
            + " until it is filled: a server makes its tables when it starts. Nothing is ever"
            + " overwritten");
  }

  private void refuseOthers(Found found) {
    require(
        found.others().isEmpty(),
        "is in use already, by " + String.join(", ", found.others()),
        "which server is that? one that is not in restore.nodes would lead as soon as the data is"
            + " there: stop it");
  }

  private void require(boolean holds, String what, String hint) {
    if (!holds) {
      throw RestoreException.refused("%s %s\nhint: %s".formatted(target.where(), what, hint));
    }
  }

  private RestoreException busy(String holder) {
    return new RestoreException(
        RestoreException.Reason.BUSY,
        "%s is being filled by another run: %s\nhint: %s"
            .formatted(
                target.where(),
                holder,
                "let it finish; when it is dead for good, give the same command there again, or"
                    + " remove the first line of the database's comment"));
  }

  /// Until the data is there.
  List<Step> first() {
    List<Step> steps = new ArrayList<>();
    steps.add(
        new Act(
            "fetch the backup",
            "decrypt backup %s into %s, every checksum proven, and read the dump to its end"
                .formatted(manifest().id(), work.snapshot()),
            _ -> fetched()));
    steps.add(
        new Act(
            TAKE,
            "take %s for this run: one restore at a time".formatted(target.where()),
            _ -> {
              take();
              return Map.of(DATABASE, target.where());
            }));
    for (Node node : nodes.all()) {
      steps.add(
          Act.of("stop " + node, "stop %s".formatted(ClusterRestore.words(node)), node::stop));
    }
    steps.add(
        new Act(
            "restore into the database",
            "pg_restore into %s, all of it or nothing".formatted(target.where()),
            this::restored));
    return steps;
  }

  /// For each, as soon as it can.
  List<Step> nodes(Node node) {
    return List.of(connecting.start(node));
  }

  List<Step> proofs(List<Node> back) {
    return back.stream().map(node -> connecting.prove(node, back)).toList();
  }

  List<Step> last() {
    return List.of(
        Act.of(
            "give the database back",
            "give the database back, delete the decrypted dump",
            () -> {
              target.giveBack(run);
              work.clear();
            }));
  }

  private Map<String, String> fetched() {
    Path dump = work.fetch(order.source());
    Target.Contents contents = target.contents(dump);
    Found found = target.look();
    require(
        found.takes(contents.from()),
        "is of PostgreSQL %s, and the dump of %s".formatted(found.server(), contents.from()),
        "a server of that version or a newer one takes it");
    return Map.of(
        "file",
        dump.toString(),
        "entries",
        String.valueOf(contents.entries()),
        "from",
        "PostgreSQL " + contents.from());
  }

  private void take() {
    Optional<String> holder = target.take(run, who);
    if (holder.isPresent()) {
      throw busy(holder.get());
    }
  }

  private Map<String, String> restored(Step.Notes notes) throws InterruptedException {
    for (Node node : nodes.all()) {
      // Whoever has started it meanwhile, a person or a reboot: it would make its tables.
      if (node.running()) {
        node.stop();
      }
    }
    // Once more: somebody may have made a new one under this name.
    take();
    Wait.so(
        FILLING,
        POLL,
        () -> !target.look().filling(),
        () ->
            RestoreException.failed(
                "a pg_restore is still at work in %s\nhint: wait for it; the same command looks"
                        .formatted(target.where())
                    + " again"));
    int before = Integer.parseInt(notes.all().getOrDefault(ATTEMPT, "0"));
    Found found = target.look();
    if (before == 0 || found.keyring().isEmpty()) {
      refuseUnlessEmpty(found);
      refuseOthers(found);
      refuseOldCluster();
      Path dump = work.fetch(order.source());
      notes.add(Map.of(ATTEMPT, String.valueOf(before + 1)));
      target.restore(dump);
      before++;
      found = target.look();
    }
    Map<String, String> facts = new TreeMap<>();
    facts.put("table", found.keyring().orElse("?"));
    facts.put("rows", String.valueOf(found.rows()));
    facts.put("attempts", String.valueOf(before));
    return facts;
  }
}
