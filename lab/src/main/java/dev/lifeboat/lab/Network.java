package dev.lifeboat.lab;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/// A network namespace for each node of a cluster, all of them on one bridge of this machine: a
/// node and its agent are reached by an address of their own, and their cable can be pulled.
///
/// Only root can make one. Nothing of it is reached from outside of this machine.
public final class Network implements AutoCloseable {
  /*
   *   lb9-1 ─ eth0 ─ lb9v1 ┐
   *   lb9-2 ─ eth0 ─ lb9v2 ┼ lb9br 10.213.9.254, where we are        9: the number of this network
   *   lb9-3 ─ eth0 ─ lb9v3 ┘
   *
   * A cable is pulled at the bridge. The node's own address stays reachable inside, so server and
   * agent go on with each other and lose everybody else, without a connection being reset: what the
   * others do not hear of is what a switch that died looks like.
   */
  private static final int BRIDGE_HOST = 254;
  private static final int COMMAND_SECONDS = 10;
  private static final int NETWORKS = 250;

  private final int number;
  private final int nodes;

  private Network(int number, int nodes) {
    this.number = number;
    this.nodes = nodes;
  }

  /// @param nodes how many, up to 9
  public static Network open(int nodes) {
    lacking()
        .ifPresent(
            reason -> {
              throw new LabException(reason + "\nhint: run it as root");
            });
    var network = new Network((int) (ProcessHandle.current().pid() % NETWORKS) + 1, nodes);
    network.close();
    try {
      ip("link", "add", network.bridge(), "type", "bridge");
      ip("addr", "add", network.address(BRIDGE_HOST) + "/24", "dev", network.bridge());
      ip("link", "set", network.bridge(), "up");
      IntStream.rangeClosed(1, nodes).forEach(network::connect);
      return network;
    } catch (LabException e) {
      network.close();
      throw e;
    }
  }

  /// Why there can be none here, in a sentence; empty when there can.
  public static Optional<String> lacking() {
    return System.getProperty("user.name", "").equals("root")
        ? Optional.empty()
        : Optional.of("only root can make network namespaces");
  }

  private void connect(int node) {
    ip("netns", "add", name(node));
    ip("link", "add", cable(node), "type", "veth", "peer", "name", "eth0", "netns", name(node));
    ip("link", "set", cable(node), "master", bridge());
    ip("link", "set", cable(node), "up");
    ip("-n", name(node), "link", "set", "lo", "up");
    ip("-n", name(node), "addr", "add", host(node) + "/24", "dev", "eth0");
    ip("-n", name(node), "link", "set", "eth0", "up");
  }

  private String bridge() {
    return "lb" + number + "br";
  }

  private String name(int node) {
    return "lb" + number + "-" + node;
  }

  private String cable(int node) {
    return "lb" + number + "v" + node;
  }

  private String address(int host) {
    return "10.213.%d.%d".formatted(number, host);
  }

  /// Where a node listens.
  ///
  /// @param node from 1
  public String host(int node) {
    return address(node);
  }

  /// Where we listen for what runs on a node.
  String here() {
    return address(BRIDGE_HOST);
  }

  /// What a command has to begin with to be run on a node; it keeps its process id.
  List<String> on(int node) {
    return List.of("nsenter", "--net=/run/netns/" + name(node), "--");
  }

  /// The node and everybody else hear nothing of each other any more.
  public void cut(int node) {
    ip("link", "set", cable(node), "down");
  }

  public void heal(int node) {
    ip("link", "set", cable(node), "up");
  }

  private static void ip(String... arguments) {
    String said = tryIp(arguments);
    if (!said.isEmpty()) {
      throw new LabException(
          "ip %s: %s\nhint: Debian: apt-get install iproute2"
              .formatted(String.join(" ", arguments), said));
    }
  }

  /// What it complained of; empty when it did what it was told.
  private static String tryIp(String... arguments) {
    var line = new java.util.ArrayList<>(List.of("ip"));
    line.addAll(List.of(arguments));
    try {
      var process = new ProcessBuilder(line).redirectErrorStream(true).start();
      var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return "it does not end";
      }
      return process.exitValue() == 0 ? "" : said.isBlank() ? "it failed" : said.strip();
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }

  /// Whatever there is of it; processes in it must have ended.
  @Override
  public void close() {
    for (int node = 1; node <= nodes; node++) {
      tryIp("link", "del", cable(node));
      tryIp("netns", "del", name(node));
    }
    tryIp("link", "del", bridge());
  }
}
