package dev.lifeboat.restore;

import dev.lifeboat.backup.Manifest;
import dev.lifeboat.config.Secret;
import dev.lifeboat.journal.Course;
import dev.lifeboat.journal.Entry;
import dev.lifeboat.journal.Entry.Event;
import dev.lifeboat.journal.Journal;
import dev.lifeboat.journal.Step;
import dev.lifeboat.restore.Bisected.Asked;
import dev.lifeboat.restore.Bisected.Backup;
import dev.lifeboat.vault.SealStatus;
import dev.lifeboat.vault.VaultConfig;
import dev.lifeboat.vault.VaultConfig.Auth;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/// Backup after backup restored into one scratch node, and a check asked of each, until the newest
/// good one is known.
///
/// All of it is one run with one journal: the steps of a restore, each with the id of its backup,
/// and the answer. A backup that was answered is never restored again.
public final class Bisecting implements AutoCloseable {
  public static final String KIND = "restore-bisect";

  private static final String CHECK = "check ";
  private static final String OF = ", ";
  private static final String FROM = "from";
  private static final String TO = "to";
  private static final String ANSWER = "answer";
  private static final String TAKEN = "taken";
  private static final String CHECK_SUM = "check-sha256";
  private static final int SKIPPED = 125;

  private final RestoreConfig config;
  private final VaultConfig vault;
  private final Auth auth;
  private final Restoring.Surroundings surroundings;
  private final Restoring.Run run;
  private final Nodes nodes;
  private final Node scratch;

  private Bisecting(
      RestoreConfig config,
      VaultConfig vault,
      Auth auth,
      Restoring.Surroundings surroundings,
      Restoring.Run run) {
    this.config = config;
    this.vault = vault;
    this.auth = auth;
    this.surroundings = surroundings;
    this.run = run;
    this.nodes = Nodes.open(config, vault);
    this.scratch = nodes.first();
  }

  /// The nodes that a run is about.
  public static RestoreConfig nodes(RestoreConfig config, Restoring.Run run) {
    return run.kind().equals(KIND) ? config.copies() : config;
  }

  /// @param config with the scratch node in `restore.scratch`
  /// @param auth a login into the backups
  public static Bisecting open(
      RestoreConfig config,
      VaultConfig vault,
      Auth auth,
      Restoring.Surroundings surroundings,
      Restoring.Run run) {
    return new Bisecting(config.copies(), vault, auth, surroundings, run);
  }

  /// A step of one restore among many.
  private record Of(Step step, String backup) implements Step {
    @Override
    public String name() {
      return step.name() + OF + backup;
    }

    @Override
    public String text() {
      return step.text();
    }

    @Override
    public Map<String, String> run(Notes notes) throws InterruptedException {
      return step.run(notes);
    }
  }

  private static List<Step> of(Source candidate, List<Step> steps) {
    return steps.stream().map(step -> (Step) new Of(step, candidate.manifest().id())).toList();
  }

  /// Of those that are in the stores the ones that a run was begun with: what was taken since is
  /// left out.
  public static List<Source> begunWith(
      RestoreConfig config, Restoring.Run run, List<Source> candidates) {
    if (run.earlier().isEmpty()) {
      return candidates;
    }
    Entry head = Journal.read(Restoring.file(config, run.name())).getFirst();
    Instant from = Instant.parse(head.fact(FROM).orElse(Instant.MIN.toString()));
    Instant to = Instant.parse(head.fact(TO).orElse(Instant.MAX.toString()));
    return candidates.stream()
        .filter(each -> !each.manifest().takenAt().isBefore(from))
        .filter(each -> !each.manifest().takenAt().isAfter(to))
        .toList();
  }

  /// How long the newest restore took of which there is a journal.
  public static Optional<Duration> lastTook(RestoreConfig config) {
    for (Path file : Journal.runs(config.folder()).reversed()) {
      Map<String, Double> seconds = new LinkedHashMap<>();
      String last = "";
      boolean restored = false;
      for (Entry entry : Journal.read(file)) {
        if (entry.event() == Event.DONE) {
          last = entry.step().contains(OF) ? entry.step().split(OF, 2)[1] : "";
          double took = Double.parseDouble(entry.fact("seconds").orElse("0"));
          if (!entry.step().startsWith(CHECK)) {
            seconds.merge(last, took, Double::sum);
          }
          restored |= entry.step().startsWith("restore into ");
        }
      }
      double took = seconds.values().stream().mapToDouble(Double::doubleValue).max().orElse(0);
      if (restored && took > 0) {
        return Optional.of(Duration.ofMillis((long) (took * 1000)));
      }
    }
    return Optional.empty();
  }

  /// The scratch node as it is now.
  public Seen look() throws InterruptedException {
    return Seen.of(scratch);
  }

  /// How many restores are left, at most.
  public int left(BisectOrder order) {
    return order.bisection().left(answers(order));
  }

  /// What [#find] will do, in words; refuses what cannot be done.
  public List<String> plan(BisectOrder order) throws InterruptedException {
    refuseAnotherQuestion(order);
    Source newest = order.candidates().getLast();
    Optional<SealStatus> status = scratch.look();
    refuseOwnNode(newest.manifest());
    for (Source candidate : order.candidates()) {
      status.ifPresent(each -> ServerCheck.require(scratch.id(), each, candidate.manifest()));
    }
    Set<String> throwaways = Restoring.throwaways(config);
    status
        .filter(each -> each.clusterId().filter(throwaways::contains).isEmpty())
        .ifPresent(
            each ->
                ServerCheck.refuseOther(
                    scratch.id(), each, newest.manifest().cluster(), order.of(newest).replaces()));
    if (status.filter(each -> each.initialized() && !each.sealed()).isPresent()) {
      refuseFollower();
    }
    ClusterRestore.refuseOldCluster(
        order.of(newest).source().manifest(),
        false,
        nodes.all(),
        new OldCluster.Known(Set.of(), order.of(newest).beside()));
    return words(order);
  }

  private void refuseOwnNode(Manifest manifest) {
    if (OldCluster.was(manifest, scratch.config())) {
      throw RestoreException.refused(
          "%s, the scratch node, is one of the nodes that were backed up (%s)\nhint: it is emptied"
                  .formatted(scratch, scratch.config().address())
              + " for each backup: give restore.scratch a machine of its own");
    }
  }

  private void refuseFollower() {
    Optional<URI> leader = scratch.namedLeader();
    if (leader.isPresent() && !scratch.leads()) {
      throw RestoreException.refused(
          "%s, the scratch node, follows %s: it is a node of a cluster\nhint: it is emptied for"
                  .formatted(scratch, leader.get())
              + " each backup: give restore.scratch a machine of its own");
    }
  }

  /// Answers to another question do not count.
  private void refuseAnotherQuestion(BisectOrder order) {
    if (run.earlier().isEmpty()) {
      return;
    }
    Entry head = Journal.read(Restoring.file(config, run.name())).getFirst();
    facts(order)
        .forEach(
            (name, now) -> {
              boolean counts = !name.equals("who") && !name.equals(FROM) && !name.equals(TO);
              String then = head.fact(name).orElse("");
              if (counts && !now.equals(then)) {
                throw RestoreException.refused(
                    "run %s was begun with another %s\nhint: %s"
                        .formatted(
                            run.name(),
                            switch (name) {
                              case CHECK_SUM -> "check command: its answers are not those of this";
                              case Restoring.NODES -> "scratch node, " + then;
                              default -> "--" + name + (then.isEmpty() ? ", none" : " " + then);
                            },
                            "the command as it was goes on with it; lifeboat restore abandon"
                                + " gives it up"));
              }
            });
  }

  private Map<String, String> facts(BisectOrder order) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(Restoring.KIND, KIND);
    facts.put(Restoring.NODES, ClusterRestore.names(nodes.all()));
    facts.put("who", surroundings.who());
    facts.put(FROM, order.candidates().getFirst().manifest().takenAt().toString());
    facts.put(TO, order.candidates().getLast().manifest().takenAt().toString());
    facts.put("good", id(order, order.good()));
    facts.put("bad", id(order, order.bad()));
    facts.put(CHECK_SUM, order.check().sha256());
    return facts;
  }

  private static String id(BisectOrder order, OptionalInt place) {
    return place.isPresent() ? order.candidates().get(place.getAsInt()).manifest().id() : "";
  }

  private List<String> words(BisectOrder order) {
    List<String> words = new ArrayList<>();
    Map<Integer, Answer> answers = answers(order);
    OptionalInt next = order.bisection().next(answers);
    String quarantine = ClusterRestore.quarantine(run.name(), "");
    words.add(
        "of %d backups restore at most %d into %s, one after the other%s"
            .formatted(
                order.candidates().size(),
                order.bisection().left(answers),
                scratch,
                next.isPresent()
                    ? "; %s first".formatted(id(order, next))
                    : "; all needed answers are there"));
    words.add(
        "for each: decrypt it into %s, every checksum proven"
            .formatted(new Work(config.folder(), run.name()).snapshot()));
    words.add(
        "for each: stop %s; move what is in %s into %s there"
            .formatted(ClusterRestore.words(scratch), scratch.config().storage(), quarantine));
    words.add(
        "for each: see that %s reaches no node of the living cluster; bring the backup into it,"
                .formatted(scratch)
            + " open it, prove it");
    words.add(
        "for each: run %s, told of %s by its environment: 0 is good, 1 to 124 bad, 125 unknown,"
                .formatted(order.check().text(), scratch.config().address())
            + " anything else ends it");
    words.add("for each: stop %s".formatted(scratch));
    words.add(
        "at the end: move the last copy into %s, give %s back".formatted(quarantine, scratch));
    return words;
  }

  /// What a process before this one was told, and this one so far.
  public List<Asked> before() {
    return run.earlier().isPresent()
        ? asked(Journal.read(Restoring.file(config, run.name())))
        : List.of();
  }

  private static List<Asked> asked(List<Entry> entries) {
    return entries.stream()
        .filter(entry -> entry.event() == Event.DONE && entry.step().startsWith(CHECK))
        .map(
            entry ->
                new Asked(
                    new Backup(
                        entry.step().substring(CHECK.length()),
                        Instant.parse(entry.fact(TAKEN).orElseThrow())),
                    Answer.valueOf(entry.fact(ANSWER).orElseThrow())))
        .toList();
  }

  private Map<Integer, Answer> answers(BisectOrder order) {
    return answers(order, before());
  }

  private static Map<Integer, Answer> answers(BisectOrder order, List<Asked> asked) {
    Map<Integer, Answer> answers = new TreeMap<>();
    for (Asked each : asked) {
      for (int i = 0; i < order.candidates().size(); i++) {
        if (order.candidates().get(i).manifest().id().equals(each.backup().id())) {
          answers.put(i, each.answer());
        }
      }
    }
    return answers;
  }

  /// Carries it out, from where it was when it was begun before.
  public Bisected find(BisectOrder order, Course.Listener listener) throws InterruptedException {
    try (Journal journal = journal(order)) {
      Course course = new Course(journal, listener);
      Bisection bisection = order.bisection();
      OptionalInt next = bisection.next(answers(order, asked(journal.entries())));
      while (next.isPresent()) {
        ask(course, order, order.candidates().get(next.getAsInt()));
        next = bisection.next(answers(order, asked(journal.entries())));
      }
      course.walk(last());
      course.end();
      refuseContradiction(order, answers(order, asked(journal.entries())));
      return found(order, journal);
    }
  }

  private Journal journal(BisectOrder order) {
    return run.earlier().isPresent()
        ? Journal.resume(
            Restoring.file(config, run.name()), surroundings.clock(), surroundings.journalled())
        : Journal.begin(
            config.folder(),
            run.name(),
            facts(order),
            surroundings.clock(),
            surroundings.journalled());
  }

  private void ask(Course course, BisectOrder order, Source candidate) throws InterruptedException {
    ClusterOrder one = order.of(candidate);
    Work work = new Work(config.folder(), run.name());
    // Each copy knows its own logins.
    try (Access access = new Access(nodes, auth, surroundings.clock())) {
      ClusterRestore restore =
          new ClusterRestore(
              nodes, one, access, work, run.name(), surroundings.who(), Around.NOTHING);
      course.walk(of(candidate, restore.first()));
      work.clear();
      ready(one);
      course.walkAgain(of(candidate, restore.proofs(nodes.all())), Rest.PROOF_COUNTS);
      course.walk(List.of(check(order, candidate, access)));
    }
    course.walk(
        of(candidate, List.of(Act.of("stop " + scratch, "stop " + scratch, scratch::stop))));
  }

  /// A process may have died between the restore and the check, and the server with it. A check of
  /// a server that is down would call a good backup bad.
  private void ready(ClusterOrder order) throws InterruptedException {
    if (!scratch.running()) {
      var _ = scratch.start();
    }
    if (scratch.api().sealStatus().sealed() && !scratch.open(order.shares())) {
      throw RestoreException.failed(
          "%s is not opened by these shares\nhint: were the keys changed since that backup?"
              .formatted(scratch));
    }
    scratch.awaitLeads();
  }

  private Step check(BisectOrder order, Source candidate, Access access) {
    Manifest manifest = candidate.manifest();
    return new Act(
        CHECK + manifest.id(),
        "ask the check",
        _ -> {
          Secret token = access.token(scratch);
          int code = order.check().run(CheckProgram.told(vault, scratch.config(), manifest, token));
          if (code > SKIPPED || code < 0) {
            throw RestoreException.failed(
                "the check ended with code %d for backup %s, which is no answer\nhint: %s"
                    .formatted(
                        code,
                        manifest.id(),
                        "0 is good, 1 to 124 bad, 125 unknown; %s runs still at %s; the same"
                                .formatted(scratch, scratch.config().address())
                            + " command asks of it again"));
          }
          Answer answer = code == 0 ? Answer.GOOD : code == SKIPPED ? Answer.SKIP : Answer.BAD;
          if (answer == Answer.BAD) {
            requireAsked(manifest);
          }
          return Map.of(
              ANSWER,
              answer.name(),
              "exit",
              String.valueOf(code),
              TAKEN,
              manifest.takenAt().toString());
        });
  }

  /// Clients end the same way when nobody answers: such an end says nothing of the backup.
  private void requireAsked(Manifest manifest) {
    if (scratch.look().filter(each -> !each.sealed()).isEmpty() || !scratch.leads()) {
      throw RestoreException.failed(
          "the check calls backup %s bad, and %s does not serve any more: it may not have been"
                  .formatted(manifest.id(), scratch)
              + " asked\nhint: see its log; the same command starts it and asks of that backup"
              + " again");
    }
  }

  private List<Step> last() {
    return List.of(
        Act.of(
            "empty " + scratch,
            "move the last copy away",
            () -> ClusterRestore.quarantine(scratch, run.name())),
        Act.of(
            "give the scratch node back",
            "give the scratch node back",
            () -> {
              ClusterRestore.giveBack(nodes.all(), run.name());
              new Work(config.folder(), run.name()).clear();
            }));
  }

  private static void refuseContradiction(BisectOrder order, Map<Integer, Answer> answers) {
    OptionalInt edge = order.bisection().contradicted(answers);
    if (edge.isPresent()) {
      boolean bad = edge.equals(order.bad());
      Manifest manifest = order.candidates().get(edge.getAsInt()).manifest();
      throw RestoreException.failed(
          "backup %s, taken %s, was said to be %s, and the check says %s\nhint: %s"
              .formatted(
                  manifest.id(),
                  manifest.takenAt(),
                  bad ? "bad" : "good",
                  bad ? "good" : "bad",
                  (bad ? "name a newer one with --bad" : "name an older one with --good")
                      + ", or is the check wrong? Try it by hand at the living cluster. Nothing"
                      + " more was looked at, and this run is over"));
    }
  }

  private Bisected found(BisectOrder order, Journal journal) {
    List<Asked> asked = asked(journal.entries());
    Map<Integer, Answer> answers = answers(order, asked);
    Bisection bisection = order.bisection();
    OptionalInt good = bisection.newestGood(answers);
    OptionalInt bad = bisection.oldestBad(answers);
    List<Backup> skipped =
        answers.entrySet().stream()
            .filter(each -> each.getValue() == Answer.SKIP)
            .map(Map.Entry::getKey)
            .filter(place -> place > good.orElse(-1))
            .filter(place -> place < bad.orElse(order.candidates().size()))
            .map(place -> backup(order, place))
            .toList();
    return new Bisected(
        run.name(),
        Duration.between(journal.head().at(), surroundings.clock().instant()),
        asked,
        optional(order, good),
        optional(order, bad),
        skipped);
  }

  private static Optional<Backup> optional(BisectOrder order, OptionalInt place) {
    return place.isPresent() ? Optional.of(backup(order, place.getAsInt())) : Optional.empty();
  }

  private static Backup backup(BisectOrder order, int place) {
    Manifest manifest = Objects.requireNonNull(order.candidates().get(place)).manifest();
    return new Backup(manifest.id(), manifest.takenAt());
  }

  @Override
  public void close() {
    nodes.close();
  }
}
