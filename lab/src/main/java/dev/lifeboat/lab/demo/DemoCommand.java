package dev.lifeboat.lab.demo;

import dev.lifeboat.lab.Checkout;
import dev.lifeboat.lab.CtrlC;
import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.Servers;
import dev.lifeboat.lab.Workplace;
import dev.lifeboat.sandbox.SandboxException;
import dev.lifeboat.sandbox.ServerBinary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `./lifeboat demo`.
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Start a three-node cluster, an agent beside each node, take a backup and verify it, kill",
      "the leader, and take another from the new one. Ends with 0 only when every step was proven,",
      "and leaves nothing behind."
    })
public final class DemoCommand implements Callable<Integer> {
  @Option(names = "--keep", description = "When all is proven, leave it running until Ctrl-C.")
  private boolean keep;

  @Option(
      names = "--json",
      description = "Print one JSON object at the end; everything else goes to standard error.")
  private boolean json;

  @Option(
      names = "--server",
      paramLabel = "PATH",
      description =
          "The bao or vault program. Default: bao or vault of the PATH, else the pinned OpenBao,"
              + " which is installed when it is not there.")
  private @Nullable Path server;

  @Option(
      names = "--s3",
      description =
          "Keep the backups in two S3 servers, which are started as well, and lose one of them."
              + " Builds MinIO when it is not there, which takes minutes once.")
  private boolean s3;

  @Override
  public Integer call() {
    var narrator = new Narrator(json ? System.err : System.out);
    try (var _ = CtrlC.interruptsThisThread()) {
      return play(narrator);
    }
  }

  private int play(Narrator narrator) {
    try {
      prove(narrator);
      return 0;
    } catch (LabException | SandboxException e) {
      narrator.failed(String.valueOf(e.getMessage()));
      return 1;
    }
  }

  private void prove(Narrator narrator) {
    var binary = binary();
    narrator.open(
        "Lifeboat demo with %s; everything is on loopback, in .lab, and gone at the end."
            .formatted(binary.path()));
    if (s3) {
      install("minio", "MinIO");
    }
    try (var workplace = Workplace.open("demo");
        var sites = s3 ? Sites.start(workplace.folder()) : null;
        var demo = Demo.open(binary, workplace.folder(), Optional.ofNullable(sites), narrator)) {
      var report = demo.run(keep);
      narrator.says("\nEvery step was proven, in %d s.".formatted(Math.round(narrator.seconds())));
      if (json) {
        System.out.println(report.toJson());
      }
      if (keep) {
        narrator.says("It runs until Ctrl-C.");
        awaitCtrlC();
      }
    }
  }

  private static void awaitCtrlC() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      // The way out: the shutdown hook interrupts this thread.
      Thread.currentThread().interrupt();
    }
  }

  private ServerBinary binary() {
    if (server != null) {
      return ServerBinary.detect(server.toAbsolutePath());
    }
    return Servers.any().orElseGet(DemoCommand::installed);
  }

  private static ServerBinary installed() {
    System.err.println("neither bao nor vault is on the PATH: installing the pinned OpenBao");
    install("openbao", "the pinned OpenBao");
    return Servers.openbao();
  }

  private static void install(String server, String words) {
    try {
      var script = Checkout.root().resolve("lab/servers/install").toString();
      var process =
          new ProcessBuilder(script, server)
              .redirectOutput(ProcessBuilder.Redirect.to(Path.of("/dev/stderr").toFile()))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      if (process.waitFor() != 0) {
        throw new LabException(words + " could not be installed");
      }
    } catch (IOException e) {
      throw new LabException("%s could not be installed: %s".formatted(words, e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }
}
