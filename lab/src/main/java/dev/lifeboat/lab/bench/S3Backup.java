package dev.lifeboat.lab.bench;

import dev.lifeboat.config.ByteSize;
import dev.lifeboat.lab.Checkout;
import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.Minio;
import dev.lifeboat.lab.Minio.Kind;
import dev.lifeboat.sandbox.LeashedProcess;
import dev.lifeboat.sandbox.LeashedProcess.Invocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// A backup into a bucket by an agent, beside what is done without one: the server's own `snapshot
/// save`, and an upload of that file with boto3. Both into one MinIO, in turn.
record S3Backup(ByteSize size) implements Benchmark {
  private static final String BUCKET = "bench";
  private static final Duration BOUND = Duration.ofMinutes(5);
  private static final Duration IDLE = Duration.ofSeconds(10);
  private static final double GROWTH_MAX = 96;

  /// Its own defaults: parts of 8 MiB, ten threads.
  private static final String UPLOAD =
      """
      import boto3, sys
      s3 = boto3.client("s3", endpoint_url=sys.argv[1], region_name=sys.argv[2])
      s3.upload_file(sys.argv[3], sys.argv[4], "theirs.snap")
      """;

  @Override
  public String name() {
    return "s3";
  }

  @Override
  public int defaultRuns() {
    return 3;
  }

  @Override
  public List<Finding> run(Workbench workbench, int runs) {
    Path boto3 = Checkout.tools().resolve("boto3");
    if (!Files.isDirectory(boto3)) {
      throw new LabException("boto3 is not installed\nhint: lab/servers/install minio boto3");
    }
    // Room for one snapshot and several backups on the same file system.
    Path folder = workbench.newFolder();
    try (var minio = Minio.start(folder.resolve("minio"))) {
      var _ = minio.bucket(BUCKET, Kind.PLAIN);
      String stores = "stores.far {\n%s}".formatted(minio.storeBlock(BUCKET));
      try (var cluster = FilledCluster.open(workbench.server(), folder.resolve("one"), stores)) {
        workbench.says("filling a cluster of one node up to " + size);
        cluster.growTo(size);
        return compare(workbench, cluster, minio, boto3, runs);
      }
    }
  }

  private List<Finding> compare(
      Workbench workbench, FilledCluster cluster, Minio minio, Path boto3, int runs) {
    var save = new SnapshotSave(cluster.cluster(), cluster.file("snapshot"));
    var agent = cluster.agent();
    agent.start();
    try {
      agent.awaitReady();
      Workbench.settle(IDLE);
      var memory = new ProcessMemory(agent.pid());
      double idle = memory.residentMebibytes();
      memory.forgetPeak();
      String theirs = save.name() + " and boto3";
      workbench.says("backups into MinIO, and " + theirs + ", in turn");
      var times =
          new Duel(
                  () -> emptied(minio, WarmBackup.seconds(cluster)),
                  () -> emptied(minio, save.secondsThen(file -> upload(minio, boto3, file))))
              .run(1, runs);
      double growth = memory.peakMebibytes() - idle;
      return List.of(
          new Finding(
              name(),
              new Samples("%s into a bucket".formatted(size), Unit.SECONDS, times.ours()),
              Optional.of(new Samples(theirs, Unit.SECONDS, times.theirs())),
              new Goal.Ratio(1.3),
              List.of(cluster.describe(save.bytes()))),
          new Finding(
              name(),
              new Samples("%s, peak over idle".formatted(size), Unit.MEBIBYTES, List.of(growth)),
              Optional.empty(),
              new Goal.Each(GROWTH_MAX),
              List.of(
                  String.format(Locale.ROOT, "%.0f MiB idle, over %d backups", idle, runs + 1))));
    } finally {
      agent.stop();
    }
  }

  private static void upload(Minio minio, Path boto3, Path file) {
    var log = file.resolveSibling("upload.log");
    var environment =
        Map.of(
            "PATH", "/usr/local/bin:/usr/bin:/bin",
            "HOME", Checkout.experiments().toString(),
            "PYTHONPATH", boto3.toString(),
            "AWS_ACCESS_KEY_ID", read(minio.accessKeyFile()),
            "AWS_SECRET_ACCESS_KEY", read(minio.secretKeyFile()));
    var command =
        List.of(
            "python3",
            "-c",
            UPLOAD,
            minio.endpoint().toString(),
            Minio.REGION,
            file.toString(),
            BUCKET);
    var process =
        LeashedProcess.start(
            new Invocation(command, Checkout.experiments(), environment, log, log));
    if (!process.awaitEnd(BOUND)) {
      process.kill();
      throw new LabException("the upload has not ended after " + BOUND.toMinutes() + " min");
    }
    if (process.exitCode() != 0) {
      throw new LabException("the upload ended with " + process.exitCode() + ", see " + log);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new LabException("cannot read " + file, e);
    }
  }

  /// So that the next one finds the disk as this one did.
  private static double emptied(Minio minio, double seconds) {
    try (var client = minio.client()) {
      for (var object : client.listObjectsV2(request -> request.bucket(BUCKET)).contents()) {
        var _ = client.deleteObject(request -> request.bucket(BUCKET).key(object.key()));
      }
    }
    return seconds;
  }
}
