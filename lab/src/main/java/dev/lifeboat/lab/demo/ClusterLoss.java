package dev.lifeboat.lab.demo;

import dev.lifeboat.lab.AgentFleet;
import dev.lifeboat.lab.AgentProgram;
import dev.lifeboat.lab.Cluster;
import dev.lifeboat.lab.ClusterNode;
import dev.lifeboat.lab.Folders;
import dev.lifeboat.lab.LabAgent;
import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.NodeControl;
import dev.lifeboat.lab.demo.DemoReport.Restored;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// All servers die and their disks are empty; the newest backup comes back, and every secret is
/// read on every node.
final class ClusterLoss implements AutoCloseable {
  private final Cluster cluster;
  private final AgentFleet fleet;
  private final Tenants tenants;
  private final Narrator narrator;
  private final Path folder;
  private final NodeControl control;

  ClusterLoss(Cluster cluster, AgentFleet fleet, Tenants tenants, Narrator narrator, Path folder) {
    this.cluster = cluster;
    this.fleet = fleet;
    this.tenants = tenants;
    this.narrator = narrator;
    this.folder = folder;
    this.control = NodeControl.of(cluster);
  }

  Restored play(String backup) {
    narrator.step("The whole cluster is lost");
    int late = tenants.writeLate(cluster.root());
    cluster.nodes().forEach(cluster::kill);
    cluster.nodes().forEach(node -> Folders.empty(node.config().raftFolder()));
    narrator.says(
        "%d more secrets are written, then kill -KILL of all servers, and their disks are empty."
            .formatted(late));
    LabAgent agent = fleet.agents().getFirst();
    agent.configure(control.block(folder.resolve("restore")));
    narrator.says("What the newest backup holds comes back into the empty nodes:");
    List<String> command = command();
    show(agent, command);
    JsonNode report = carryOut(agent, command);
    return proven(backup, report);
  }

  private List<String> command() {
    List<String> command =
        new ArrayList<>(List.of("cluster", "--identity", fleet.identityFile().toString()));
    if (!cluster.plan().selfUnsealing()) {
      Path shares =
          Folders.writeSecret(
              folder.resolve("shares"),
              cluster.shares().stream().map(s -> s.reveal() + "\n").collect(Collectors.joining()));
      command.addAll(
          List.of(
              "--force", "--cluster", cluster.plan().name(), "--share-file", shares.toString()));
    }
    return command;
  }

  private void show(LabAgent agent, List<String> command) {
    List<String> line = new ArrayList<>(List.of("restore"));
    line.addAll(command);
    line.addAll(List.of("--config", agent.configFile().toString()));
    narrator.command(line);
    List<String> plan = new ArrayList<>(command);
    plan.add("--plan");
    narrator.shows(agent.run("restore", plan.toArray(String[]::new)).require().output());
  }

  private JsonNode carryOut(LabAgent agent, List<String> command) {
    List<String> run = new ArrayList<>(command);
    run.addAll(List.of("--yes", "--json"));
    AgentProgram.Result result = agent.run("restore", run.toArray(String[]::new)).require();
    JsonNode report = JsonMapper.shared().readTree(result.output());
    for (JsonNode step : report.path("steps")) {
      narrator.says(
          "  %-22s %5.1f s"
              .formatted(step.path("step").asString(), step.path("seconds").asDouble()));
    }
    return report;
  }

  private Restored proven(String backup, JsonNode report) {
    for (ClusterNode node : cluster.nodes()) {
      tenants.check(node.api().withToken(cluster.rootToken()));
    }
    int lost = tenants.lost(cluster.root());
    int nodes = report.path("proven").size();
    if (nodes != cluster.nodes().size()) {
      throw new LabException("expected that every node is proven, found " + report);
    }
    Map<String, Double> phases = new LinkedHashMap<>();
    report
        .path("steps")
        .forEach(step -> phases.put(step.path("step").asString(), step.path("seconds").asDouble()));
    double seconds = report.path("seconds").asDouble();
    narrator.proven(
        ("%d nodes proven by lifeboat, %d secrets of %d tenants read on each by the demo, %.1f s"
                + " after the restore began; lost: the %d secrets written after the backup")
            .formatted(nodes, tenants.secrets(), tenants.tenants(), seconds, lost));
    return new Restored(backup, nodes, tenants.secrets(), seconds, phases, lost);
  }

  @Override
  public void close() {
    control.close();
  }
}
