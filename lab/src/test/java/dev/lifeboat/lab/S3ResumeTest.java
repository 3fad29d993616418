package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.cli.Exit;
import dev.lifeboat.lab.FaultProxy.Fault;
import dev.lifeboat.lab.Minio.Kind;
import dev.lifeboat.vault.Product;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// SIGKILL of a process that sends a backup in parts to a real MinIO, and an agent that goes on.
class S3ResumeTest {
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final int MEBIBYTES = 24;
  private static final int SENT_BEFORE = 2;

  @TempDir Path folder;

  @Test
  @Timeout(value = 3, unit = TimeUnit.MINUTES)
  void an_agent_sends_only_the_parts_that_are_missing_and_takes_no_second_snapshot()
      throws Exception {
    var stuck = new AtomicBoolean(true);
    var parts = new AtomicInteger();
    try (var minio = Minio.start(folder.resolve("minio"));
        var proxy =
            FaultProxy.before(
                minio.endpoint(),
                call ->
                    call.target().contains("partNumber=")
                            && parts.incrementAndGet() > SENT_BEFORE
                            && stuck.get()
                        ? new Fault.Silence()
                        : FaultProxy.PASS);
        var cluster = TestClusters.start(Product.OPENBAO, 1, folder)) {
      TestClusters.fill(cluster.root(), "filling", MEBIBYTES);
      var bucket = minio.bucket("resumed", Kind.PLAIN);
      var site =
          Site.beside(cluster, folder.resolve("site"))
              .configure("stores.far {\n%s}".formatted(minio.storeBlock(bucket)))
              .configure(
                  "stores.far { endpoint = \"%s\", part-size = 5MiB }".formatted(proxy.address()));

      var killed = Program.start(folder.resolve("killed.txt"), site.withConfig("backup"));
      Await.until("parts that are not answered", BOUND, () -> parts.get() >= SENT_BEFORE + 2);
      killed.kill();
      assertEquals(List.of(), site.run("list", "--json").json().valueStream().toList());
      String snapshot = site.spooled().getFirst().replace(".spooled", "");

      stuck.set(false);
      parts.set(0);
      var agent = site.startAgent();
      try {
        Await.until("the backup", BOUND, () -> site.logText().contains("event=backup_stored"));
      } finally {
        agent.kill();
      }

      assertEquals(List.of(snapshot), site.listed());
      var resumed =
          Pattern.compile("event=upload_resumed object=\\S+ parts=(\\d+) of=(\\d+)")
              .matcher(site.logText());
      assertTrue(resumed.find(), site::logText);
      assertEquals(SENT_BEFORE, Integer.parseInt(resumed.group(1)));
      assertEquals(Integer.parseInt(resumed.group(2)) - SENT_BEFORE, parts.get());
      assertEquals(List.of(), site.spooled());
      site.run("verify", "--all", "--identity", site.identity().toString()).expect(Exit.OK);
      try (var client = minio.client()) {
        assertEquals(
            List.of(), client.listMultipartUploads(request -> request.bucket(bucket)).uploads());
      }
    }
  }
}
