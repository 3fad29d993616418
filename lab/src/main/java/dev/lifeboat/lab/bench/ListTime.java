package dev.lifeboat.lab.bench;

import dev.lifeboat.backup.Catalogue;
import dev.lifeboat.backup.Manifest;
import dev.lifeboat.backup.Memory;
import dev.lifeboat.backup.Readers;
import dev.lifeboat.config.ByteSize;
import dev.lifeboat.config.SecretSource;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.lab.AgentProgram;
import dev.lifeboat.lab.Await;
import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.Minio;
import dev.lifeboat.lab.Minio.Kind;
import dev.lifeboat.store.S3Config;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.s3.S3Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// How long it takes to know what a bucket with very many backups holds: for a command, which has
/// never seen any of them, and for an agent, which remembers those that it has.
record ListTime(int backups) implements Benchmark {
  private static final String BUCKET = "many";
  private static final double SECONDS_MAX = 3;
  private static final double GROWTH_MAX = 32;
  private static final int WRITERS = 16;
  private static final Duration COLD_MAX = Duration.ofMinutes(5);
  private static final int DATA_BYTES = 16;
  private static final DateTimeFormatter SECOND =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  @Override
  public String name() {
    return "list";
  }

  @Override
  public int defaultRuns() {
    return 5;
  }

  @Override
  public List<Finding> run(Workbench workbench, int runs) {
    Path folder = workbench.newFolder();
    try (var minio = Minio.start(folder.resolve("minio"))) {
      var _ = minio.bucket(BUCKET, Kind.PLAIN);
      String stores = "stores.far {\n%s}".formatted(minio.storeBlock(BUCKET));
      try (var cluster = FilledCluster.open(workbench.server(), folder.resolve("one"), stores);
          Store store = open(minio)) {
        var _ = cluster.agent().run("backup").require();
        workbench.says("filling a bucket with %d backups".formatted(backups));
        fill(store, SigningKey.read(cluster.file("node-1.signing-key")));
        workbench.says("listing them");
        return measure(workbench, cluster, store, runs);
      }
    }
  }

  private static Store open(Minio minio) {
    return S3Store.open(
        "far",
        new S3Config(
            BUCKET,
            "",
            Optional.empty(),
            Optional.of(Minio.REGION),
            Optional.of(minio.endpoint()),
            true,
            Optional.empty(),
            new S3Config.Credentials.Files(
                new SecretSource.FromFile(minio.accessKeyFile()),
                new SecretSource.FromFile(minio.secretKeyFile()),
                Optional.empty()),
            S3Config.Encryption.NONE,
            S3Config.Lock.NONE,
            ByteSize.mebibytes(16),
            Duration.ofSeconds(30)),
        InstantSource.system());
  }

  /// Copies of the one real backup, an hour apart, each with a manifest of its own; of the data
  /// only as much as the manifest says.
  private void fill(Store store, SigningKey signing) {
    var objects = store.list().stream().map(Store.StoredObject::name).toList();
    String name =
        objects.stream().filter(each -> each.endsWith(".manifest")).findFirst().orElseThrow();
    Manifest first = Manifest.parse(TrustedSigners.contentUnchecked(store.read(name, 1 << 20)));
    List<String> keys = objects.stream().filter(each -> each.endsWith(".key")).toList();
    byte[] key = store.read(keys.getFirst(), 1 << 20);
    var next = new AtomicInteger(1);
    inParallel(
        () -> {
          for (int each = next.getAndIncrement(); each < backups; each = next.getAndIncrement()) {
            Instant at = first.takenAt().minus(Duration.ofHours(each));
            String id = SECOND.format(at) + "-%08x".formatted(each);
            store.put(id + ".data", new byte[DATA_BYTES]);
            for (String recipient : keys) {
              store.put(id + recipient.substring(recipient.indexOf('.')), key);
            }
            store.put(id + ".manifest", signing.sign(copy(first, id, at).toJson()));
          }
          return true;
        });
  }

  private static Manifest copy(Manifest first, String id, Instant at) {
    return new Manifest(
        first.type(),
        id,
        first.cluster(),
        first.node(),
        first.takenFrom(),
        Optional.empty(),
        at,
        at,
        first.raft(),
        first.plain(),
        new Manifest.Content(DATA_BYTES, first.stored().sha256()),
        first.recipients(),
        first.seal(),
        first.peers(),
        first.canary(),
        first.mounts(),
        first.counts(),
        first.lifeboatVersion());
  }

  private static void inParallel(Callable<Boolean> work) {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var workers = new ArrayList<Callable<Boolean>>();
      for (int worker = 0; worker < WRITERS; worker++) {
        workers.add(work);
      }
      for (var worker : threads.invokeAll(workers)) {
        worker.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    } catch (ExecutionException e) {
      throw new LabException("cannot fill the bucket", e);
    }
  }

  /// The command once the agent has said in a file what it knows.
  private List<Double> beside(FilledCluster cluster, int runs) {
    var agent = cluster.agent();
    agent.start();
    try {
      agent.awaitReady();
      Path known = agent.spool().resolve(".known-documents");
      Await.until("the agent to have read them all", COLD_MAX, () -> isLarge(known));
      List<Double> times = new ArrayList<>();
      for (int run = 0; run < runs; run++) {
        times.add(seconds(() -> list(cluster)));
      }
      return times;
    } finally {
      agent.stop();
    }
  }

  /// It was there before the bucket was filled, and told of one backup.
  private boolean isLarge(Path file) {
    try {
      return Files.isRegularFile(file) && Files.size(file) > backups * 10L;
    } catch (IOException e) {
      return false;
    }
  }

  private List<Finding> measure(Workbench workbench, FilledCluster cluster, Store store, int runs) {
    double cold = seconds(() -> list(cluster));
    workbench.says("listing them beside an agent that has read them");
    List<Double> beside = beside(cluster, runs);
    var catalogue =
        new Catalogue(
            List.of(store),
            TrustedSigners.read(cluster.file("trusted-signers")),
            InstantSource.system(),
            new Readers(),
            new Memory());
    double before = heap();
    double first = seconds(() -> require(catalogue.list().size()));
    double growth = heap() - before;
    List<Double> again = new ArrayList<>();
    for (int run = 0; run < runs; run++) {
      again.add(seconds(() -> require(catalogue.list().size())));
    }
    return List.of(
        new Finding(
            name(),
            new Samples("%d backups, remembered".formatted(backups), Unit.SECONDS, again),
            Optional.empty(),
            new Goal.Each(SECONDS_MAX),
            List.of(String.format(Locale.ROOT, "the first reading takes %.2f s", first))),
        new Finding(
            name(),
            new Samples("the command, beside an agent", Unit.SECONDS, beside),
            Optional.empty(),
            new Goal.Each(SECONDS_MAX),
            List.of(String.format(Locale.ROOT, "without one, and cold: %.2f s", cold))),
        new Finding(
            name(),
            new Samples(
                "%d backups, heap for them".formatted(backups), Unit.MEBIBYTES, List.of(growth)),
            Optional.empty(),
            new Goal.Each(GROWTH_MAX),
            List.of("after a collection; the reading itself needs more for a moment")));
  }

  private void list(FilledCluster cluster) {
    Path output = cluster.file("list.txt");
    var process =
        AgentProgram.start(
            cluster.file(""),
            output,
            List.of("list", "--config", cluster.agent().configFile().toString()));
    if (!process.awaitEnd(COLD_MAX)) {
      process.kill();
      throw new LabException("lifeboat list has not ended after " + COLD_MAX);
    }
    try (var lines = Files.lines(output)) {
      require(lines.count());
    } catch (IOException e) {
      throw new LabException("cannot read " + output, e);
    }
  }

  private void require(long found) {
    if (found < backups) {
      throw new LabException("%d of %d backups are listed".formatted(found, backups));
    }
  }

  private static double seconds(Runnable work) {
    long began = System.nanoTime();
    work.run();
    return (System.nanoTime() - began) / 1e9;
  }

  private static double heap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return (runtime.totalMemory() - runtime.freeMemory()) / 1048576.0;
  }
}
