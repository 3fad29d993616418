package dev.lifeboat.lab.experiment;

import dev.lifeboat.config.Secret;
import dev.lifeboat.lab.Await;
import dev.lifeboat.lab.Cluster;
import dev.lifeboat.lab.ClusterNode;
import dev.lifeboat.lab.ClusterPlan;
import dev.lifeboat.lab.CtrlC;
import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.Provisioning;
import dev.lifeboat.lab.Servers;
import dev.lifeboat.lab.Workplace;
import dev.lifeboat.sandbox.SandboxException;
import dev.lifeboat.sandbox.ServerBinary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `./lifeboat lab telemetry`: what both products say of themselves at `sys/metrics`, in each role;
/// the tests of the relay and of the rules on native telemetry read it.
@Command(
    name = "telemetry",
    mixinStandardHelpOptions = true,
    description = {
      "Record the native telemetry of three nodes of OpenBao and of Vault in each role: active,",
      "standby, former leader, sealed, restarted and left sealed."
    })
final class TelemetryCommand implements Callable<Integer> {
  private static final Duration BOUND = Duration.ofSeconds(60);

  @Parameters(paramLabel = "FOLDER", description = "Where the texts are written.")
  private Path folder = Path.of("");

  @Override
  public Integer call() {
    try (var _ = CtrlC.interruptsThisThread()) {
      Files.createDirectories(folder);
      record(Servers.openbao());
      record(Servers.vault());
      return 0;
    } catch (LabException | SandboxException e) {
      System.err.println(e.getMessage());
      return 1;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void record(ServerBinary binary) {
    var plan = ClusterPlan.of(binary, 3).shamir(1, 1).named("lab").audited().withOpenTelemetry();
    try (var workplace = Workplace.open("telemetry");
        var cluster = Cluster.create(plan, workplace.folder().resolve("cluster"))) {
      Provisioning.install(cluster.root());
      ClusterNode former = cluster.awaitLeader(BOUND);
      work(cluster);
      write(binary, "active", metrics(former, Optional.empty()));
      write(binary, "standby", metrics(cluster.standbys().getFirst(), Optional.empty()));

      cluster.root().put("sys/step-down", Map.of()).require();
      Await.until(
          "another leader",
          BOUND,
          () -> cluster.leader().filter(now -> !now.equals(former)).isPresent());
      Await.until("its standby", BOUND, () -> former.health() == 429);
      write(binary, "former-leader", metrics(former, Optional.empty()));

      cluster.restartSealed(former);
      write(binary, "restarted-sealed", metrics(former, Optional.empty()));
      cluster.restart(former);
      ClusterNode leader = cluster.awaitLeader(BOUND);
      cluster.seal(leader);
      write(binary, "sealed", metrics(leader, Optional.empty()));
    }
  }

  /// So that the summaries of requests, logins and audit are there.
  private static void work(Cluster cluster) {
    var root = cluster.root();
    for (int i = 0; i < 20; i++) {
      root.post("secret/data/telemetry", Map.of("data", Map.of("i", String.valueOf(i)))).require();
    }
    root.post("auth/token/create", Map.of("policies", List.of("root"))).require();
    root.get("secret/data/none");
  }

  static String metrics(ClusterNode node, Optional<Secret> token) {
    var request =
        HttpRequest.newBuilder(node.address().resolve("/v1/sys/metrics?format=prometheus"))
            .timeout(Duration.ofSeconds(10));
    token.ifPresent(secret -> request.header("X-Vault-Token", secret.reveal()));
    try (var client = HttpClient.newHttpClient()) {
      return client.send(request.build(), BodyHandlers.ofString()).body();
    } catch (IOException e) {
      throw new LabException("no telemetry of " + node, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }

  private void write(ServerBinary binary, String role, String text) {
    String product = binary.product().name().toLowerCase(Locale.ROOT);
    Path file = folder.resolve(product + "-" + role + ".prom");
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    System.out.printf("%-40s %5d lines%n", file.getFileName(), text.lines().count());
  }
}
