package dev.lifeboat.machine;

import dev.lifeboat.config.Section;
import dev.lifeboat.ssh.SshLogin;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Where a node runs, and how commands are run there.
///
/// @param ssh this machine when absent
/// @param runWith put before every command, such as `sudo -n`
public record MachineConfig(Optional<SshLogin> ssh, List<String> runWith) {
  private static final Duration STALL = Duration.ofSeconds(30);

  public MachineConfig {
    runWith = List.copyOf(runWith);
  }

  /// Reads `ssh` and `run-with` of the block of a node, and nothing else of it.
  public static MachineConfig from(Section node) {
    Optional<SshLogin> ssh =
        node.has("ssh") ? Optional.of(SshLogin.from(node.section("ssh"), STALL)) : Optional.empty();
    List<String> runWith = node.has("run-with") ? node.texts("run-with") : List.of();
    return new MachineConfig(ssh, runWith);
  }

  /// Nobody is called yet.
  public Machine open() {
    Machine machine =
        ssh.<Machine>map(SshMachine::new).orElseGet(() -> new LocalMachine(System.getenv()));
    return runWith.isEmpty() ? machine : new PrefixedMachine(machine, runWith);
  }

  /// Such as `this machine` or `root@10.0.0.2:22`.
  public String words() {
    return ssh.map(SshLogin::address).orElse("this machine");
  }
}
